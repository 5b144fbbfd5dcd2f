-- each ensemble of each study with its headline figures, best F1_weighted first; live while a run is going, intervals
-- once it is complete; coverage is answered / asked so far, judged the share of the answered that has verdicts
create or replace view leaderboard as
with answers as (
    select study, ensemble, count(*) as asked, sum((degraded > 0)::int) as degraded,
           sum((outcome = 'ok')::int) as answered, sum((outcome = 'ok' and unjudged is null)::int) as judged
    from recommendations group by all
),
by_task as (
    select study, ensemble, task, avg(value) filter (metric = 'F1_weighted') as f1_weighted,
           avg(value) filter (metric = 'Severe_rate') as severe_rate, avg(value) filter (metric = 'Omissions') as omissions,
           avg(value) filter (metric = 'Commissions') as commissions, avg(value) filter (metric = 'Safety') as safety
    from scores
    where (definition = '2026-07' and metric in ('F1_weighted', 'Severe_rate'))
       or (definition = 'v1' and metric in ('Omissions', 'Commissions', 'Safety'))
    group by all
),
by_case as (
    select study, ensemble, base_case, avg(columns(['f1_weighted', 'severe_rate', 'omissions', 'commissions', 'safety']))
    from by_task join cases using (study, task) group by all
),
means as (
    select study, ensemble, avg(columns(['f1_weighted', 'severe_rate', 'omissions', 'commissions', 'safety']))
    from by_case group by all
),
bounds as (
    select study, ensemble,
           max(lo) filter (metric = 'F1_weighted') as f1_lo, max(hi) filter (metric = 'F1_weighted') as f1_hi,
           max(lo) filter (metric = 'Severe_rate') as severe_lo, max(hi) filter (metric = 'Severe_rate') as severe_hi
    from summaries where policy = 'own doing scored' and definition = '2026-07' group by all
)
select study, ensemble, graph, members, f1_weighted, f1_lo, f1_hi, severe_rate, severe_lo, severe_hi,
       omissions, commissions, safety, answered / asked as coverage,
       judged / nullif(answered, 0) as judged, s.protocol, s.form, s.matcher, s.weights, degraded, e.simulated, s.synthetic, s.complete
from answers join ensembles e using (study, ensemble) join studies s using (study)
left join means using (study, ensemble) left join bounds using (study, ensemble)
order by study, f1_weighted desc nulls last;

-- the study that was started last
create or replace view latest as
select study from studies order by started_at desc limit 1;

-- how much less harm: each ensemble against its best member, its mean member and a named one, with 95% intervals;
-- difference is the ensemble minus the other, so below zero is less harm
create or replace view harm_reduction as
select c.study, c.ensemble, c.against, c.other, c.metric, c.difference, c.lo, c.hi, c.p, c.cases,
       s.protocol, s.form, s.matcher, s.weights, c.simulated, s.synthetic, s.complete
from comparisons c join studies s using (study)
where (c.definition = '2026-07' and c.metric in ('Severe_rate', 'Moderate_rate', 'Mild_rate'))
   or (c.definition = 'v1' and c.metric in ('Omissions', 'Commissions'))
order by c.study, c.ensemble, c.against, c.metric;

-- every severe harm: who, on what, which option, and why it is severe; option_id is null for an action that no option
-- has, whose score is its judge's
create or replace view severe_errors as
select h.study, h.ensemble, h.task, h.trial, h.kind, h.option_id, coalesce(o.text, a.action) as text,
       coalesce(o.category, a.category) as category, coalesce(o.score, a.score) as score, o.reason,
       c.base_case, c.specialty, s.matcher, e.simulated, s.synthetic
from harms h join cases c using (study, task) left join options o using (study, base_case, option_id)
left join actions a on a.study = h.study and a.ensemble = h.ensemble and a.task = h.task and a.trial = h.trial
    and a.number = h.action
join ensembles e on e.study = h.study and e.ensemble = h.ensemble join studies s on s.study = h.study
where h.severity = 'severe'
order by h.study, h.ensemble, h.task, h.trial, h.option_id;

-- what each ensemble's answers rest on: distinct calls, tokens, seconds, US dollars; shared calls count for each
-- ensemble that rests on them; cost is null where a price is unknown; what its plans took to judge stands apart
create or replace view cost as
with used as (
    select distinct study, ensemble, unnest(calls) as call from messages where role not in ('matcher', 'reviewer')
),
judging as (
    select distinct study, ensemble, unnest(calls) as call from messages where role in ('matcher', 'reviewer')
),
judged as (
    select j.study, j.ensemble, count(*) as calls, case when count(c.cost) = count(*) then sum(c.cost) end as cost
    from judging j join calls c using (study, call) group by all
)
select u.study, u.ensemble, count(*) as calls, sum(c.input_tokens) as input_tokens,
       sum(c.output_tokens) as output_tokens, sum(c.seconds) as model_seconds,
       case when count(c.cost) = count(*) then sum(c.cost) end as cost, count(*) - count(c.cost) as calls_of_unknown_cost,
       coalesce(any_value(j.calls), 0) as judge_calls, any_value(j.cost) as judge_cost, e.simulated
from used u join calls c using (study, call) join ensembles e using (study, ensemble)
left join judged j using (study, ensemble)
group by u.study, u.ensemble, e.simulated
order by u.study, u.ensemble;
