-- The facts of a world of getvariable('invoices') sales invoices over two years up to
-- getvariable('today'), and some days more. Pure functions of each number: the same everywhere.

create or replace temp macro drawn(number, what) as (hash(number || what) >> 11) / 9007199254740992.0;
create or replace temp macro spread(number, what) as
    (drawn(number, what || 1) + drawn(number, what || 2) + drawn(number, what || 3) - 1.5) * 2;
create or replace temp macro syllable(number, what) as
    substr('bacodefugahijokulamenoparesitovuwyzabrcldrflgrklprstthvo', 1 + 2 * cast(floor(28 * drawn(number, what)) as int), 2);
create or replace temp macro word(number, what) as
    syllable(number, what || 'a') || syllable(number, what || 'b') || syllable(number, what || 'c');
create or replace temp macro capital(text_value) as upper(text_value[1]) || text_value[2:];
create or replace temp macro identity(kind, number) as
    substr(md5(kind || number), 1, 8) || '-' || substr(md5(kind || number), 9, 4) || '-4' || substr(md5(kind || number), 14, 3)
    || '-8' || substr(md5(kind || number), 18, 3) || '-' || substr(md5(kind || number), 21, 12);
create or replace temp macro stamp(day) as '/Date(' || epoch_ms(cast(day as timestamp)) || '+0000)/';
create or replace temp macro major(amount) as
    case when amount < 0 then '-' else '' end || cast(abs(amount) // 100 as varchar) || '.' || lpad(cast(abs(amount) % 100 as varchar), 2, '0');
create or replace temp macro party_key(tenant, tax_id) as
    sha256(concat_ws(chr(31), tenant, 'debtor', 'tax', tax_id));

create or replace temp table sellers as
select
    number,
    case when number % 2 = 0 then 'alder' else 'birch' end as tenant_id,
    'books-' || lpad(number::varchar, 5, '0') as connection_id,
    capital(word(number, 'seller')) || ' ' || capital(word(number, 'trade')) || ' Ltd' as name,
    'IE' || lpad(number::varchar, 7, '0') || 'S' as tax_id,
    case when number % 10 < 7 then 'EUR' when number % 10 < 9 then 'GBP' else 'USD' end as currency,
    'col-' || lpad(number::varchar, 5, '0') as account_id
from range(greatest(20, getvariable('invoices') // 5000)) as listed (number);

create or replace temp table contacts as
select
    sellers.number * 1000 + place as number,
    sellers.number as seller,
    sellers.tenant_id,
    sellers.connection_id,
    identity('contact', sellers.number * 1000 + place) as contact_id,
    debtor,
    debtor % 20 = 0 as is_person,
    capital(word(debtor, 'name')) || ' ' || capital(word(debtor, 'trade')) || case when debtor % 20 = 0 then '' else ' GmbH' end as name,
    'DE' || lpad(debtor::varchar, 9, '0') as tax_id,
    'DE' || lpad(debtor::varchar, 20, '4') as iban
from (
    select *, (sellers.number * 37 + place * 11) % ((select count(*) from sellers) * 90) as debtor
    from sellers cross join range(150) as listed (place)
) as sellers;

create or replace temp table invoices as
with placed as (
    select
        number,
        number % (select count(*) from sellers) as seller,
        getvariable('today') - 730 + cast(ceil(number * 730.0 / getvariable('invoices')) as int) as issued_on,
        drawn(number, 'fate') as fate,
        greatest(1, cast(exp(12.1 + 1.1 * spread(number, 'amount')) as bigint)) as net
    from range(1, 1 + cast(getvariable('invoices') * (730 + getvariable('ahead')) / 730 as bigint)) as listed (number)
),
termed as (
    select
        placed.*,
        seller * 1000 + cast(floor(150 * pow(drawn(number, 'contact'), 2)) as int) as contact,
        issued_on + [14, 30, 45, 60][1 + cast(floor(4 * drawn(number, 'terms')) as int)] as due_on,
        net * 19 // 100 as tax,
        case when fate < 0.005 then 'draft' when fate < 0.015 then 'void' when fate < 0.035 then 'credited'
            when fate < 0.065 then 'unpaid' when fate < 0.085 then 'part' else 'paid' end as kind,
        drawn(number, 'dispute') < 0.03 as is_disputed
    from placed
)
select
    termed.*,
    net + tax as gross,
    'INV-' || lpad(number::varchar, 7, '0') as invoice_number,
    case when drawn(number, 'order') < 0.1 then 'PO-' || lpad(number::varchar, 7, '0') else '' end as reference,
    case when kind in ('paid', 'part')
        then greatest(issued_on + 1, due_on - 4 + cast(7 * spread(number, 'delay') as int) + case when is_disputed then 13 else 0 end)
        when kind = 'credited' then issued_on + 10
        when kind = 'void' then issued_on + 5 end as settled_on,
    case kind when 'paid' then net + tax when 'part' then (net + tax) * 6 // 10 else 0 end as paid
from termed;
