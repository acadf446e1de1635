"""What people call the columns of a receivables file, in several languages."""

SYNONYMS: dict[str, str] = {
    "invoice_number": """invoicenumber invoiceno invoicenr invnumber invno invoice billnumber
        rechnungsnummer rechnungsnr rechnr rechnung numerofacture nofacture nfacture facture
        numerofactura nfactura factura numerofattura nfattura fattura factuurnummer factuurnr
        numerofatura fatura invoiceid""",
    "document_id": """documentid docid documentnumber documentno docnumber docno docentry
        accountingdocument belegnummer belegnr belegid numeropiece numerodocumento""",
    "company_code": "companycode businesscode bukrs buchungskreis company societe sociedad",
    "fiscal_year": """fiscalyear businessyear buisnessyear gjahr geschaeftsjahr exercice ejercicio
        esercizio boekjaar""",
    "customer_code": """customerid customernumber customerno custnumber custno custid customercode
        debtorid debtornumber debtorcode kundennummer kundennr kundenr debitorennummer debitornr
        debitor codeclient numeroclient noclient codigocliente numerocliente codicecliente
        klantnummer klantnr debiteurnummer debiteurnr accountnumber""",
    "customer_name": """customername namecustomer customer debtorname debtor kundenname kunde firma
        nomclient client raisonsociale nombrecliente cliente razonsocial nomecliente
        ragionesociale klantnaam klant debiteur name""",
    "customer_country": "countrycode customercountry country land pays pais paese",
    "customer_tax_id": """customervat customertaxid vatnumber vatid vatno taxid taxnumber ustidnr
        ustid tvaintracommunautaire numerotva nif cif partitaiva piva btwnummer ein abn""",
    "issued_on": """invoicedate issuedate issuedon dateissued billdate documentdate docdate
        documentcreatedate postingdate rechnungsdatum belegdatum buchungsdatum datefacture
        datedefacture dateemission fechafactura fechaemision datafattura dataemissione
        factuurdatum datafatura datum date fecha data""",
    "due_on": """duedate dueindate netduedate dueon paymentdue faelligkeit faelligkeitsdatum
        faelligam nettofaelligkeit dateecheance echeance fechavencimiento vencimiento datascadenza
        scadenza vervaldatum datavencimento""",
    "cleared_on": """cleardate clearingdate cleareddate settleddate settledon paiddate datepaid
        paidon paymentdate ausgleichsdatum ausgleich bezahltam zahlungsdatum datepaiement
        datereglement fechapago datapagamento betaaldatum""",
    "amount": """invoiceamount invoicetotal grossamount totalamount amount originalamount
        documentamount total converted rechnungsbetrag bruttobetrag betrag montantttc montant
        importetotal importe importototale importo bedrag valortotal valor""",
    "open_amount": """openamount outstandingamount amountdue outstanding openbalance balance
        remainingamount totalopenamount offenerbetrag offen restbetrag soldedu solde resteapayer
        importependiente saldo importoresiduo openstaand openstaandbedrag""",
    "currency": """currencycode invoicecurrency documentcurrency currency waehrung devise moneda
        divisa valuta moeda""",
    "is_disputed": """isdisputed disputed indispute dispute strittig reklamiert litige enlitige
        endisputa contestata betwist""",
    "document_type": "documenttype doctype invoicetype belegart typedocument tipodocumento type",
}
"""Names of columns per meaning, best first, in several languages, without accents and signs."""

RANKS = {
    name: (meaning, rank)
    for meaning, names in SYNONYMS.items()
    for rank, name in enumerate(names.split())
}
"""By name: its meaning and how well it names it, 0 being best."""
