"""What people call the columns of a receivables file, in nine languages.

English, German, French, Spanish, Italian, Dutch, Portuguese, Polish and Swedish; without accents,
signs and particles, as ``mapping`` folds a header before it looks here.
"""

SYNONYMS: dict[str, str] = {
    "invoice_number": """invoicenumber invoiceno invoicenr invnumber invno invoice billnumber billno
        rechnungsnummer rechnungsnr rechnr rechnung numerofacture nofacture nfacture facture
        numerofactura nfactura nofactura factura numerofattura nfattura nofattura fattura
        factuurnummer factuurnr factuur numerofatura nfatura nofatura fatura numerfaktury
        nrfaktury faktura fakturanummer fakturanr fakturanumber invoiceid invoicereference
        referencefacture reference""",
    "document_id": """documentid docid documentnumber documentno docnumber docno docentry
        accountingdocument belegnummer belegnr belegid numeropiece nopiece piece numerodocumento
        ndocumento documento numerdokumentu nrdokumentu dokument verifikationsnummer
        documentnummer boekstuknummer""",
    "company_code": """companycode businesscode bukrs buchungskreis company societe sociedad
        societa empresa administratie spolka bolag""",
    "fiscal_year": """fiscalyear businessyear buisnessyear gjahr geschaeftsjahr exercice ejercicio
        esercizio boekjaar exercicio rokobrotowy rakenskapsar""",
    "customer_code": """customerid customernumber customerno custnumber custno custid customercode
        debtorid debtornumber debtorcode clientcode clientid kundennummer kundennr kundenr
        debitorennummer debitornr debitor codeclient numeroclient noclient nclient codigocliente
        numerocliente ncliente codicecliente klantnummer klantnr klantcode debiteurnummer
        debiteurnr codcliente codigodocliente numerklienta nrklienta kodklienta kodkontrahenta
        nrkontrahenta kundnummer kundnr accountnumber accountno""",
    "customer_name": """customername namecustomer customer debtorname debtor buyer buyername
        kundenname kunde firma nomclient client raisonsociale nombrecliente cliente razonsocial
        nomecliente ragionesociale klantnaam klant debiteur debiteurnaam bedrijf nomedocliente
        nazwaklienta klient kontrahent nazwakontrahenta nabywca odbiorca kundnamn kund foretag
        accountname name""",
    "customer_country": """countrycode customercountry country land landcode laendercode pays
        codepays pais paese kraj kodkraju landskod""",
    "customer_tax_id": """customervat customertaxid vatnumber vatno vatid taxid taxnumber ustidnr
        ustid umsatzsteueridnummer tvaintracommunautaire numerotva ntva siret siren nif cif nipc
        partitaiva piva codicefiscale btwnummer nip vatue orgnummer organisationsnummer ein abn""",
    "issued_on": """invoicedate issuedate issuedon dateissued billdate billingdate documentdate
        docdate documentcreatedate postingdate rechnungsdatum belegdatum buchungsdatum datefacture
        datefacturation dateemission datepiece fechafactura fechaemision datafattura dataemissione
        factuurdatum datafatura dataemissao datawystawienia datafaktury fakturadatum datum date
        fecha data""",
    "due_on": """duedate dueindate netduedate dueon due paymentdue payby maturitydate faelligkeit
        faelligkeitsdatum faelligam nettofaelligkeit zahlungsziel dateecheance echeance
        fechavencimiento vencimiento datascadenza scadenza vervaldatum vervaldag
        datavencimento terminplatnosci terminzaplaty forfallodatum forfallodag forfallo""",
    "cleared_on": """cleardate clearingdate cleareddate settleddate settledon paiddate datepaid
        paidon paid paymentdate ausgleichsdatum ausgleich bezahltam zahlungsdatum datepaiement
        datereglement payele fechapago fechadepago fechacobro datapagamento dataincasso betaaldatum
        betaaldop datazaplaty dataplatnosci betaldatum betald betalningsdatum""",
    "amount": """invoiceamount invoicetotal grossamount totalamount amount originalamount
        documentamount amountgross total converted rechnungsbetrag bruttobetrag gesamtbetrag betrag
        brutto montantttc montanttotal montant importetotal importe importototale importo
        totalefattura factuurbedrag totaalbedrag bedrag valortotal valor montante kwotabrutto
        wartoscbrutto kwota wartosc fakturabelopp totalbelopp belopp""",
    "open_amount": """openamount outstandingamount amountdue outstanding openbalance balance
        balancedue remainingamount totalopenamount offenerbetrag offen restbetrag offenerposten
        soldedu solde resteapayer restedu importependiente saldo saldopendiente pendiente
        importoresiduo residuo openstaand openstaandbedrag valoraberto valoremaberto emaberto
        pozostalodozaplaty dozaplaty kwotapozostala restbelopp kvarattbetala oppetbelopp""",
    "currency": """currencycode invoicecurrency documentcurrency currency curr ccy waehrung
        waehrungsschluessel whg devise monnaie moneda divisa valuta valutacode munt moeda waluta
        walutafaktury""",
    "is_disputed": """isdisputed disputed indispute dispute strittig reklamiert reklamation litige
        enlitige endisputa disputa contestata contestato betwist emdisputa disputada sporna
        reklamacja tvistig bestridd""",
    "document_type": """documenttype doctype invoicetype belegart dokumentart typedocument
        tipodocumento documenttype soortdocument typdokumentu dokumenttyp type""",
}
"""Names of columns per meaning, best first, without accents and signs."""

RANKS = {
    name: (meaning, rank)
    for meaning, names in SYNONYMS.items()
    for rank, name in enumerate(names.split())
}
"""By name: its meaning and how well it names it, 0 being best."""
