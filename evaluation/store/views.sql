-- each ensemble of each study with its headline figures, the highest weighted F1 first; live while a run is going, intervals
-- once it is complete; coverage is answered / asked so far, judged the share of the answered that has verdicts; degraded
-- counts the answered for which some agent gave no usable reply, normalised the agents' replies that were normalised before they
-- were read
create or replace view leaderboard as
with counts as (
    select study, ensemble, count(*) as asked, sum($degraded::int) as degraded,
           sum($answered::int) as answered, sum($judged::int) as judged
    from answers group by all
),
read as (
    select study, ensemble, count(distinct calls[-1]) filter (len(changes) > 0) as normalised
    from turns where not judging group by all
),
by_item as (
    select study, ensemble, item, avg(value) filter ($f1_weighted) as f1_weighted,
           avg(value) filter ($severe_rate) as severe_rate, avg(value) filter ($omissions) as omissions,
           avg(value) filter ($commissions) as commissions, avg(value) filter ($safety) as safety
    from scores
    where ($f1_weighted or $severe_rate or $omissions or $commissions or $safety)
    group by all
),
by_case as (
    select study, ensemble, base_case, avg(columns(['f1_weighted', 'severe_rate', 'omissions', 'commissions', 'safety']))
    from by_item join items using (study, item) group by all
),
means as (  -- threads add up in any order: rounded, so that runs agree to the last digit and equals tie
    select study, ensemble, round(avg(columns(['f1_weighted', 'severe_rate', 'omissions', 'commissions', 'safety'])), 12)
    from by_case group by all
),
bounds as (
    select study, ensemble,
           max(lo) filter ($f1_weighted) as f1_lo, max(hi) filter ($f1_weighted) as f1_hi,
           max(lo) filter ($severe_rate) as severe_lo, max(hi) filter ($severe_rate) as severe_hi
    from summaries where policy = $default_policy group by all
)
select study, ensemble, graph, members, f1_weighted, f1_lo, f1_hi, severe_rate, severe_lo, severe_hi,
       omissions, commissions, safety, answered / asked as coverage,
       judged / nullif(answered, 0) as judged, s.protocol, s.form, s.matcher, s.weights, degraded,
       coalesce(normalised, 0) as normalised, e.simulated, s.part, s.synthetic, s.complete
from counts join ensembles e using (study, ensemble) join studies s using (study)
left join read using (study, ensemble) left join means using (study, ensemble) left join bounds using (study, ensemble)
order by study, f1_weighted desc nulls last, ensemble;

-- the study that was started last
create or replace view latest as
select study from studies order by started_at desc limit 1;

-- differences in harm: each ensemble against its best member, its mean member, the best solo, the single model at the same cost
-- and those named, with 95% intervals; difference is the ensemble minus the other, so below zero is less harm (better says
-- which way is better); cases_per_severe_error is the number of cases per severe error averted (below zero: added); degraded
-- counts the answers of the ensemble for which some agent gave no usable reply, other_degraded those of the other
create or replace view harm_reduction as
with lacking as (
    select study, ensemble, sum($degraded::int) as degraded from answers group by all
)
select c.study, c.ensemble, c.against, c.other, c.metric,
       if($lower_is_better, 'lower', 'higher') as better,
       c.difference, c.lo, c.hi, c.ratio, c.ratio_lo, c.ratio_hi, c.p, c.p_adjusted, c.adjustment, c.cases,
       if($severe_rate, -1 / nullif(c.difference, 0), null) as cases_per_severe_error,
       s.protocol, s.form, s.matcher, s.weights, coalesce(l.degraded, 0) as degraded,
       coalesce(o.degraded, 0) as other_degraded, c.simulated, s.part, s.synthetic, s.complete
from comparisons c join studies s using (study) left join lacking l using (study, ensemble)
left join lacking o on o.study = c.study and o.ensemble = c.other
where $primary
order by c.study, c.ensemble, c.against, c.metric;

-- every severe harm: ensemble, item, option and reason; option_id is null for an action that matches no option, whose
-- score is its judge's; degraded counts the agents without a usable reply of a usable answer
create or replace view severe_errors as
select h.study, h.ensemble, h.item, h.trial, h.kind, h.option_id, coalesce(o.text, a.action) as text,
       coalesce(o.category, a.category) as category, coalesce(o.score, a.score) as score, o.reason,
       c.base_case, c.specialty, s.matcher, if($answered, degraded, 0) as degraded, e.simulated, s.part, s.synthetic
from harms h join answers g using (study, ensemble, item, trial)
    join items c using (study, item) left join options o using (study, base_case, option_id)
left join actions a on a.study = h.study and a.ensemble = h.ensemble and a.item = h.item and a.trial = h.trial
    and a.number = h.action
join ensembles e on e.study = h.study and e.ensemble = h.ensemble join studies s on s.study = h.study
where h.severity = 'severe'
order by h.study, h.ensemble, h.item, h.trial, h.option_id;

-- distinct calls, tokens, seconds and US dollars of each ensemble's answers; shared calls count for each ensemble;
-- cost is null where a price is unknown, and for imported answers; the calls of judges are counted separately
create or replace view cost as
with used as (
    select distinct study, ensemble, unnest(calls) as call, judging from turns
)
select u.study, u.ensemble, count(*) filter (not judging) as calls,
       sum(c.input_tokens) filter (not judging) as input_tokens,
       sum(c.output_tokens) filter (not judging) as output_tokens, sum(c.seconds) filter (not judging) as model_seconds,
       case when not e.from_file and count(*) filter (not judging and c.cost is null) = 0
           then coalesce(sum(c.cost::decimal(38, 18)) filter (not judging), 0)::double end as cost,
       count(*) filter (not judging and c.cost is null) as calls_of_unknown_cost,
       count(*) filter (judging) as judge_calls,
       case when count(*) filter (judging and c.cost is null) = 0
           then (sum(c.cost::decimal(38, 18)) filter (judging))::double end as judge_cost,
       e.simulated
from used u join calls c using (study, call) join ensembles e using (study, ensemble)
group by u.study, u.ensemble, e.simulated, e.from_file
order by u.study, u.ensemble;

-- which edits flip which options: a variant's answer that includes an option where the same ensemble's answer to the base
-- item in the same trial does not, or the other way round, and the harm that the variant gains or loses by it; an
-- omission of an alternative group counts with each of its members
create or replace view flips as
with pairs as (
    select v.study, v.ensemble, c.base_case, v.item, c.edit, v.trial, v.option_id,
           b.verdict <> 'none' as matched_on_base, v.verdict <> 'none' as matched_on_variant
    from verdicts v join items c on c.study = v.study and c.item = v.item
    join verdicts b on b.study = v.study and b.ensemble = v.ensemble and b.item = c.base_case and b.trial = v.trial
        and b.option_id = v.option_id
    where c.edit is not null and (v.verdict = 'none') <> (b.verdict = 'none')
),
done as (
    select study, ensemble, item, trial, option_id, any_value(kind) as kind, any_value(severity) as severity
    from harms where option_id is not null group by all
)
select p.study, p.ensemble, p.edit, p.base_case, p.item, p.trial, p.option_id, o.text, o.category, o.score,
       p.matched_on_base, p.matched_on_variant,
       case when v.kind is not null and b.kind is null then 'gained' when v.kind is null and b.kind is not null then 'lost' end
           as harm,
       case when (v.kind is null) <> (b.kind is null) then coalesce(v.kind, b.kind) end as kind,
       case when (v.kind is null) <> (b.kind is null) then coalesce(v.severity, b.severity) end as severity,
       s.matcher, e.simulated, s.part, s.synthetic
from pairs p join options o using (study, base_case, option_id)
join ensembles e on e.study = p.study and e.ensemble = p.ensemble join studies s on s.study = p.study
left join done v on v.study = p.study and v.ensemble = p.ensemble and v.item = p.item and v.trial = p.trial
    and v.option_id = p.option_id
left join done b on b.study = p.study and b.ensemble = p.ensemble and b.item = p.base_case and b.trial = p.trial
    and b.option_id = p.option_id
order by p.study, p.ensemble, p.edit, p.item, p.trial, p.option_id;

-- robustness over the variants of a case: the worst variant's weighted F1 (f1_floor) and resilience, over
-- the cases that have variants (cases), beside the weighted F1 over all, with 95% intervals; once a study is complete; degraded as in
-- harm_reduction
create or replace view robustness as
with lacking as (
    select study, ensemble, sum($degraded::int) as degraded from answers group by all
)
select u.study, u.ensemble, e.graph,
       max(mean) filter ($f1_weighted) as f1_weighted, max(lo) filter ($f1_weighted) as f1_lo,
       max(hi) filter ($f1_weighted) as f1_hi,
       max(mean) filter ($f1_floor) as f1_floor, max(lo) filter ($f1_floor) as f1_floor_lo,
       max(hi) filter ($f1_floor) as f1_floor_hi,
       max(mean) filter ($resilience) as resilience, max(lo) filter ($resilience) as resilience_lo,
       max(hi) filter ($resilience) as resilience_hi,
       max(cases) filter ($f1_floor) as cases, s.protocol, s.form, s.matcher,
       coalesce(l.degraded, 0) as degraded, e.simulated, s.part, s.synthetic, s.complete
from summaries u join ensembles e on e.study = u.study and e.ensemble = u.ensemble join studies s on s.study = u.study
left join lacking l on l.study = u.study and l.ensemble = u.ensemble
where u.policy = $default_policy and ($f1_weighted or $f1_floor or $resilience)
group by u.study, u.ensemble, e.graph, s.protocol, s.form, s.matcher, l.degraded, e.simulated, s.part, s.synthetic, s.complete
order by u.study, f1_floor desc nulls last, u.ensemble;

-- harm against what it takes, an answer to an item being a case: dollars, seconds without waiting (stage after stage, as
-- the ledger has them) and distinct calls; dominated says that another ensemble of the study has as little severe harm
-- for as little, and less of one of them, null where either is unknown; dollars are unknown, and null, where the price of
-- a call is (calls_of_unknown_cost counts those); controls are left out, and of imported answers nothing is known;
-- degraded as in the leaderboard
create or replace view frontier as
with counts as (
    select study, ensemble, count(*) as answers, round(avg(seconds), 9) as seconds from answers group by all
),
taken as (
    select l.study, l.ensemble, l.graph, l.severe_rate, l.f1_weighted, c.cost / a.answers as dollars_a_case,
           case when not e.from_file then a.seconds end as seconds_a_case,
           case when not e.from_file then c.calls / a.answers end as calls_a_case,
           c.calls_of_unknown_cost, l.severe_rate as harm, l.coverage, l.matcher, l.degraded, l.simulated, l.part, l.synthetic, l.complete
    from leaderboard l join ensembles e using (study, ensemble) join counts a using (study, ensemble) left join cost c using (study, ensemble)
    where e.asks_models or e.from_file
)
select t.study, t.ensemble, t.graph, t.severe_rate, t.f1_weighted, t.dollars_a_case, t.seconds_a_case, t.calls_a_case,
       case when t.harm is not null and t.dollars_a_case is not null then exists (
           select 1 from taken o where o.study = t.study and o.harm <= t.harm and o.dollars_a_case <= t.dollars_a_case
               and (o.harm < t.harm or o.dollars_a_case < t.dollars_a_case)) end as dominated_by_cost,
       case when t.harm is not null and t.seconds_a_case is not null then exists (
           select 1 from taken o where o.study = t.study and o.harm <= t.harm and o.seconds_a_case <= t.seconds_a_case
               and (o.harm < t.harm or o.seconds_a_case < t.seconds_a_case)) end as dominated_by_latency,
       case when t.harm is not null and t.calls_a_case is not null then exists (
           select 1 from taken o where o.study = t.study and o.harm <= t.harm and o.calls_a_case <= t.calls_a_case
               and (o.harm < t.harm or o.calls_a_case < t.calls_a_case)) end as dominated_by_calls,
       t.calls_of_unknown_cost, t.coverage, t.matcher, t.degraded, t.simulated, t.part, t.synthetic, t.complete
from taken t order by t.study, t.severe_rate nulls last, t.dollars_a_case nulls last, t.ensemble;

-- failure modes of the harms of each team (docs/metrics.md, Where harm comes from): counts by failure, and their share of the
-- team's harms that are attributed; read_by says whether drafts were read by their grades or by their words; degraded counts
-- the harms of answers for which some agent gave no usable reply
create or replace view failures as
select a.study, a.ensemble, e.graph, a.failure, count(*) as harms, count(*) filter (a.severity = 'severe') as severe,
       count(*) filter (a.kind = 'omission') as omissions, count(*) filter (a.kind = 'commission') as commissions,
       count(*) / sum(count(*)) over (partition by a.study, a.ensemble) as share,
       $read_by as read_by, s.matcher, count(*) filter ($degraded) as degraded,
       e.simulated, s.part, s.synthetic
from attributions a join answers g using (study, ensemble, item, trial) join ensembles e using (study, ensemble) join studies s using (study)
group by a.study, a.ensemble, e.graph, a.failure, s.protocol, s.matcher, e.simulated, s.part, s.synthetic
order by a.study, a.ensemble, harms desc, a.failure;

-- the models and roles responsible for harms (docs/metrics.md), counted over all teams of a study; model is null for a rule,
-- and where several models are responsible, most often because every first draft has the harm; read_by and degraded as for failures
create or replace view harm_sources as
select a.study, a.model, a.role, count(*) as harms, count(*) filter (a.severity = 'severe') as severe,
       count(*) filter (a.kind = 'omission') as omissions, count(*) filter (a.kind = 'commission') as commissions,
       count(distinct a.ensemble) as ensembles, count(*) / sum(count(*)) over (partition by a.study) as share,
       $read_by as read_by, s.matcher, count(*) filter ($degraded) as degraded,
       bool_or(a.simulated) as simulated, s.part, s.synthetic
from attributions a join answers g using (study, ensemble, item, trial) join studies s using (study)
group by a.study, a.model, a.role, s.protocol, s.matcher, s.part, s.synthetic
order by a.study, harms desc, a.model, a.role;
