-- One sync: what is new or changed after getvariable('since') up to getvariable('day'), rendered as
-- the sandbox's counterparts answer it, appended to the raw tables under one load id.

create or replace temp macro rendered_contact(contact_id, name) as
    '{"ContactID":"' || contact_id || '","Name":"' || name
    || '","Addresses":[],"Phones":[],"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false}';
create or replace temp macro updated(day) as
    '"UpdatedDateUTC":"' || stamp(day) || '","UpdatedDateUTCString":"' || day || ' 00:00:00+00:00"';
create or replace temp macro rendered_line(description, amount, tax, line_id, tracking) as
    '{"Description":"' || description || '","UnitAmount":' || major(amount) || ',"TaxType":"OUTPUT","TaxAmount":' || major(tax)
    || ',"LineAmount":' || major(amount) || ',"AccountCode":"200","Tracking":[' || tracking
    || '],"Quantity":1.0000,"LineItemID":"' || line_id || '"}';

create or replace temp view told as
select
    invoices.*,
    sellers.tenant_id,
    sellers.connection_id,
    sellers.currency,
    sellers.account_id,
    contacts.contact_id,
    contacts.name as contact_name,
    contacts.iban as contact_iban,
    coalesce(settled_on <= getvariable('day'), false) as is_settled,
    identity('invoice', invoices.number) as invoice_id,
    greatest(issued_on, case when settled_on <= getvariable('day') then settled_on end) as changed_on
from invoices
inner join sellers on invoices.seller = sellers.number
inner join contacts on invoices.contact = contacts.number
where issued_on <= getvariable('day');

create or replace temp view landed as
select * from told where changed_on > getvariable('since');

create or replace temp view entity as
select
    tenant_id, connection_id, invoice_id as record_id, changed_on as modified_on,
    '{"Type":"ACCREC","InvoiceID":"' || invoice_id || '","InvoiceNumber":"' || invoice_number || '","Reference":"' || reference
    || '","Payments":[' || case when is_settled and paid > 0 then '{"PaymentID":"' || identity('payment', number) || '","Date":"' || stamp(settled_on)
        || '","Amount":' || major(paid) || ',"Reference":"","CurrencyRate":1.000000,"HasAccount":false,"HasValidationErrors":false}' else '' end
    || '],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"AmountDue":' || major(case when not is_settled then gross when kind = 'part' then gross - paid else 0 end)
    || ',"AmountPaid":' || major(case when is_settled then paid else 0 end)
    || ',"AmountCredited":' || major(case when is_settled and kind = 'credited' then gross else 0 end)
    || ',"SentToContact":true,"CurrencyRate":1.000000,"IsDiscounted":false,"HasAttachments":false,"HasErrors":false,"Attachments":[],"InvoiceAddresses":[],"Contact":'
    || rendered_contact(contact_id, contact_name)
    || ',"DateString":"' || issued_on || 'T00:00:00","Date":"' || stamp(issued_on) || '","DueDateString":"' || due_on || 'T00:00:00","DueDate":"' || stamp(due_on)
    || '","Status":"' || case when kind = 'draft' then 'DRAFT' when kind = 'void' and is_settled then 'VOIDED' when kind in ('paid', 'credited') and is_settled then 'PAID' else 'AUTHORISED' end
    || '","LineAmountTypes":"Exclusive","LineItems":['
    || rendered_line('Delivery ' || number || ', bolts and fittings', net // 2, tax // 2, identity('line', number),
        case when is_disputed then '{"Name":"Dispute","Option":"' || case when is_settled then 'Closed' else 'Open' end || '","TrackingCategoryID":"00000000-0000-4000-8000-00000d15b07e","TrackingOptionID":"00000000-0000-4000-8000-0000d15b07e0"}' else '' end)
    || ',' || rendered_line('Carriage and packing', net - net // 2, tax - tax // 2, identity('lines', number), '')
    || '],"SubTotal":' || major(net) || ',"TotalTax":' || major(tax) || ',"Total":' || major(gross)
    || ',' || updated(changed_on) || ',"CurrencyCode":"' || currency || '"'
    || case when is_settled and kind in ('paid', 'credited') then ',"FullyPaidOnDate":"' || stamp(settled_on) || '"' else '' end || '}' as payload
from landed;
create or replace temp macro enveloped(endpoint) as table
select
    tenant_id, connection_id, record_id, cast(modified_on as timestamp) at time zone 'UTC', false, payload, sha256(payload), endpoint,
    md5(endpoint), cast(row_number() over () as bigint), getvariable('fetched_at'), getvariable('load_id')
from entity;

insert into raw_xero.invoices from enveloped('/Invoices');

create or replace temp view entity as
select
    tenant_id, connection_id, identity('payment', number) as record_id, settled_on as modified_on,
    '{"PaymentID":"' || identity('payment', number) || '","Date":"' || stamp(settled_on) || '","BankAmount":' || major(paid) || ',"Amount":' || major(paid)
    || ',"Reference":"' || invoice_number || '","CurrencyRate":1.000000,"PaymentType":"ACCRECPAYMENT","Status":"AUTHORISED",' || updated(settled_on)
    || ',"HasAccount":true,"IsReconciled":true,"Account":{"AccountID":"' || identity('organisation', seller) || '","Code":"090"},"Invoice":{"Type":"ACCREC","InvoiceID":"'
    || invoice_id || '","InvoiceNumber":"' || invoice_number || '","Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"IsDiscounted":false,"HasErrors":false,"Contact":'
    || rendered_contact(contact_id, contact_name) || ',"LineItems":[],"CurrencyCode":"' || currency || '"},"HasValidationErrors":false}' as payload
from landed where is_settled and paid > 0 and settled_on > getvariable('since');
insert into raw_xero.payments from enveloped('/Payments');

create or replace temp view entity as
select
    tenant_id, connection_id, identity('note', number) as record_id, settled_on as modified_on,
    '{"CreditNoteID":"' || identity('note', number) || '","CreditNoteNumber":"CN-' || lpad(number::varchar, 7, '0') || '","Payments":[],"CurrencyRate":1.000000,"Type":"ACCRECCREDIT","Reference":"Goods returned","RemainingCredit":0.00,"Allocations":[{"Amount":'
    || major(gross) || ',"Date":"' || stamp(settled_on) || '","Invoice":{"InvoiceID":"' || invoice_id || '","InvoiceNumber":"' || invoice_number
    || '","Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"LineItems":[]}}],"HasAttachments":false,"Contact":' || rendered_contact(contact_id, contact_name)
    || ',"DateString":"' || settled_on || 'T00:00:00","Date":"' || stamp(settled_on) || '","Status":"PAID","LineAmountTypes":"Exclusive","LineItems":['
    || rendered_line('Goods returned', net, tax, identity('noted', number), '') || '],"SubTotal":' || major(net) || ',"TotalTax":' || major(tax) || ',"Total":' || major(gross)
    || ',' || updated(settled_on) || ',"CurrencyCode":"' || currency || '"}' as payload
from landed where is_settled and kind = 'credited';
insert into raw_xero.credit_notes from enveloped('/CreditNotes');

create or replace temp view entity as
select
    tenant_id, connection_id, identity('order', number) as record_id, issued_on - 20 as modified_on,
    '{"PurchaseOrderID":"' || identity('order', number) || '","PurchaseOrderNumber":"' || reference || '","DateString":"' || (issued_on - 20) || 'T00:00:00","Date":"' || stamp(issued_on - 20)
    || '","Reference":"' || reference || '","HasErrors":false,"IsDiscounted":false,"Type":"PURCHASEORDER","CurrencyRate":1.000000,"CurrencyCode":"' || currency || '","Contact":'
    || rendered_contact(contact_id, contact_name) || ',"Status":"BILLED","LineAmountTypes":"Exclusive","LineItems":['
    || rendered_line('Order ' || reference, net, tax, identity('ordered', number), '') || '],"SubTotal":' || major(net) || ',"TotalTax":' || major(tax) || ',"Total":' || major(gross) || '}' as payload
from landed where reference <> '' and issued_on > getvariable('since');
insert into raw_xero.purchase_orders from enveloped('/PurchaseOrders');

create or replace temp view entity as
select
    tenant_id, 'bank' as connection_id, 'tx_' || substr(md5('transaction' || number), 1, 24) as record_id, settled_on as modified_on,
    '{"id":"tx_' || substr(md5('transaction' || number), 1, 24) || '","account_id":"' || account_id || '","booked_on":"' || settled_on || '","value_on":"' || settled_on
    || '","amount_minor":' || (paid - case when drawn(number, 'fee') < 0.02 and paid > 100000 then 1500 else 0 end) || ',"currency":"' || currency
    || '","counterparty_name":"' || upper(left(contact_name, 18)) || '","counterparty_iban":"' || contact_iban || '","reference":"'
    || case when drawn(number, 'style') < 0.6 then 'RE: ' || invoice_number when drawn(number, 'style') < 0.75 then replace(invoice_number, '-', '')
        when drawn(number, 'style') < 0.86 then 'PAYMENT' when drawn(number, 'style') < 0.89 then 'INV-' || lpad((number + 1)::varchar, 7, '0') else ltrim(invoice_number, 'INV-') end
    || '","end_to_end_id":"E2E' || number || '","code":"RCDT","balance_after_minor":0,"created_at":"' || settled_on || 'T06:00:00Z"}' as payload
from landed where is_settled and paid > 0 and settled_on > getvariable('since');
insert into raw_bank.transactions from enveloped('/transactions');

create or replace temp view entity as
select distinct
    tenant_id, connection_id, contact_id as record_id, date '2024-01-01' as modified_on,
    '{"ContactID":"' || contact_id || '","ContactStatus":"ACTIVE","Name":"' || name || '",'
    || case when is_person then '"FirstName":"' || split_part(name, ' ', 1) || '","LastName":"' || split_part(name, ' ', 2) || '",' else '"CompanyNumber":"HRB ' || debtor || '",' end
    || '"EmailAddress":"office@d' || debtor || '.example","BankAccountDetails":"' || iban || '","TaxNumber":"' || tax_id
    || '","Addresses":[{"AddressType":"STREET","City":"","Region":"","PostalCode":"","Country":""},{"AddressType":"POBOX","AddressLine1":"Hafenstr. ' || debtor % 90 || '","City":"Bremen","Region":"","PostalCode":"28195","Country":"Germany"}],"Phones":[],"UpdatedDateUTC":"'
    || stamp(date '2024-01-01') || '","ContactGroups":[],"IsSupplier":false,"IsCustomer":true,"ContactPersons":[],"HasAttachments":false,"HasValidationErrors":false}' as payload
from contacts
where number in (select contact from told where issued_on > getvariable('since'))
    and number not in (select contact from told where issued_on <= getvariable('since'));
insert into raw_xero.contacts from enveloped('/Contacts');

create or replace temp view entity as
select
    tenant_id, connection_id, identity('organisation', number) as record_id, date '2024-01-01' as modified_on,
    '{"Name":"' || name || '","LegalName":"' || name || '","PaysTax":true,"OrganisationType":"COMPANY","BaseCurrency":"' || currency || '","CountryCode":"IE","RegistrationNumber":"' || tax_id
    || '","TaxNumber":"' || tax_id || '","CreatedDateUTC":"' || stamp(date '2024-01-01') || '","OrganisationID":"' || identity('organisation', number) || '"}' as payload
from sellers where getvariable('since') < date '2000-01-01';
insert into raw_xero.organisations from enveloped('/Organisation');

create or replace temp view entity as
select
    tenant_id, 'bank' as connection_id, account_id as record_id, date '2024-01-01' as modified_on,
    '{"id":"' || account_id || '","iban":"IE00' || account_id || '","name":"Collections ' || name || '","currency":"' || currency || '","kind":"collection","status":"enabled"}' as payload
from sellers where getvariable('since') < date '2000-01-01';
insert into raw_bank.accounts from enveloped('/accounts');

create or replace temp view entity as
select distinct
    tenant_id, 'dnb' as connection_id, party_key(tenant_id, tax_id) as record_id, date '2026-05-01' as modified_on,
    '{"transactionDetail":{"transactionTimestamp":"2026-05-01T10:00:00.000Z"},"matchCandidates":[{"organization":{"duns":"' || lpad(debtor::varchar, 9, '0')
    || '"},"matchQualityInformation":{"confidenceCode":9,"matchGrade":"AAAAZZ"}}]}' as payload
from contacts where getvariable('since') < date '2000-01-01';
insert into raw_dnb.matches from enveloped('/match');

create or replace temp view entity as
select distinct
    tenant_id, 'dnb' as connection_id, lpad(debtor::varchar, 9, '0') as record_id, date '2026-05-01' as modified_on,
    '{"transactionDetail":{"transactionTimestamp":"2026-05-01T10:00:00.000Z"},"inquiryDetail":{"duns":"' || lpad(debtor::varchar, 9, '0') || '"},"organization":{"duns":"' || lpad(debtor::varchar, 9, '0')
    || '","startDate":"1998","dunsControlStatus":{"operatingStatus":{"dnbCode":9074}},"businessTrading":[{"summary":[{"paydexScore":' || 40 + debtor % 60 || '}]}],"dnbAssessment":{"failureScore":{"classScore":' || 1 + debtor % 5
    || ',"nationalPercentile":71},"delinquencyScore":{"classScore":2,"nationalPercentile":55},"creditLimitRecommendation":{"maximumRecommendedLimit":{"value":120000,"currency":"EUR"}},"hasSevereNegativeEvents":false},"legalEvents":{"bankruptcy":{"periodSummary":{"12Months":{"totalCount":' || case when debtor % 97 = 0 then 1 else 0 end || '}}}}}}' as payload
from contacts where getvariable('since') < date '2000-01-01';
insert into raw_dnb.reports from enveloped('/data');

create or replace temp table scopes as
select tenant_id, connection_id, 'xero' as system, unnest(['organisations', 'contacts', 'invoices', 'credit_notes', 'payments', 'purchase_orders']) as entity from sellers
union all
select distinct tenant_id, 'bank', 'bank', unnest(['accounts', 'transactions']) from sellers
union all
select distinct tenant_id, 'dnb', 'dnb', unnest(['matches', 'reports']) from sellers;
insert into raw_sync.entities
select getvariable('load_id'), tenant_id, connection_id, system, entity, true, 1, 1, 0, 0, 0, 0, 1, getvariable('fetched_at'), getvariable('fetched_at'), getvariable('fetched_at'), 'ok', null, null
from scopes;
insert into raw_sync.control_totals
select tenant_id, connection_id, 'xero', 'invoices', getvariable('load_id'), currency, count(*), major(sum(gross)), 0, '0', 0, '0', getvariable('fetched_at')
from told group by all;
