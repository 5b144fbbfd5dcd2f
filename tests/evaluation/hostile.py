"""What no question may do: statements that are refused, and statements that would not end."""

FILES = """
select * from read_csv('/etc/passwd')
select * from read_text('/etc/passwd')
select * from read_blob('/etc/passwd')
select * from read_parquet('/etc/passwd')
select * from parquet_metadata('/etc/passwd')
select * from glob('/etc/*')
select * from "glob" /* a comment */ ('/etc/*')
select * from system.main.glob('/etc/*')
select 1 where 1 in (select 1 from read_text('/etc/passwd'))
with t as materialized (from read_text('/etc/passwd')) from t
describe from read_csv('/etc/passwd')
select * from query('select * from read_text(''/etc/passwd'')')
select * from json_execute_serialized_sql(json_serialize_sql('select 1'))
select * from '/etc/passwd'
select * from 'cases.csv'
select * from read_duckdb('store.duckdb')
copy cases to 'new.csv'
copy (select 1) to 'new.parquet' (format parquet)
copy (select 1) to 'spill/new.csv'
copy cases from '/etc/passwd'
export database 'new'
import database '/etc'
""".strip().splitlines()
NETWORK = """
select * from 'https://example.org/x.csv'
select * from read_csv('https://example.org/x.csv')
select * from read_parquet('s3://bucket/x.parquet')
attach 'https://example.org/x.duckdb' as x
install httpfs
load httpfs
update extensions
attach 'new.duckdb' as other
detach store
use memory
""".strip().splitlines()
SETTINGS = """
set global threads = 64
set memory_limit = '64GB'
set enable_external_access = true
set allowed_directories = ['/etc']
set variable x = 1
reset lock_configuration
pragma enable_external_access = true
pragma memory_limit = '64GB'
pragma database_list
call enable_logging(storage = 'stdout')
select * from enable_logging(storage = 'stdout')
""".strip().splitlines()
SECRETS = """
create secret (type s3, key_id 'a', secret 'b')
create persistent secret s (type http, bearer_token 'b')
select * from duckdb_secrets()
select getenv('HOME')
""".strip().splitlines()
CHANGES = """
insert into items (study) values ('x')
update items set item = ''
delete from items
drop table items
alter table items add column mine integer
create table mine as select 1
create temp table mine as select 1
create or replace view cost as select 1
create temp macro sum(x) as 0
create schema mine
merge into items using options on (true) when matched then delete
with gone as (delete from items returning *) from gone
checkpoint
begin
prepare mine as select 1
execute mine
explain analyze select * from read_csv('/etc/passwd')
explain analyze copy cases to 'new.csv'
explain analyze insert into items (study) values ('x')
""".strip().splitlines()
NO_QUESTION = [
    "select 1; select 2",
    "select 1; drop table items",
    "select 1; -- one\n; select 2",
    "",
    ";",
    "-- nothing",
    "selec 1",
    "select * from nowhere",
    "select no_column\nfrom\n\ncases",
    "select error('one\n\ntwo \x1b[31m')",
    "select error(repeat('x', 100_000))",
    "select now()",
    "select repeat('x', 1_000_000_000_000)",
    "select range(1_000_000_000_000)",
    "select regexp_replace(repeat('a', 1000), '((a{1,1000}){1,1000}){1,1000}', 'b')",
    "select " + "(" * 2_000 + "1" + ")" * 2_000,
]
# What would get out of the statement that a Parquet file is written with.
OUT_OF_COPY = [
    "select 1) to 'other' (format csv); --",
    "select 1) to 'other' (format csv) --",
    "select 1; copy (select 1) to 'other'",
]
REFUSED = [*FILES, *NETWORK, *SETTINGS, *SECRETS, *CHANGES, *NO_QUESTION]
ENDLESS = """
with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t
with recursive t(n) as (select 1 union all select n + 1 from t) select * from t
select count(*) from scores a, scores b, scores c, scores d, scores e, scores f
select a.* from scores a, scores b, scores c, scores d, scores e order by hash(b.item, c.item)
select * from generate_series(1, 1_000_000_000_000)
select list(i) from range(1_000_000_000) t(i)
select list_sort(range(300_000_000))
select string_agg(repeat('x', 1_000_000)) from range(100_000)
select repeat('x', 4_000_000_000)
select regexp_replace(repeat(repeat('ab', 1000), 1_000), '(.*)*(.*)*(.*)*c', 'x', 'g') from range(100_000)
select levenshtein(repeat('a', 1_000_000), repeat('b', 1_000_000))
select sleep_ms(100_000)
""".strip().splitlines()
ENDLESS.append("select " + "[" * 900 + "]" * 900)  # to look at, it takes minutes
