"""What stands around a word: whose table it is, what is written in it, what words tell beside."""

from __future__ import annotations

from collections.abc import Mapping

from masker.detect.entities import Entity

# Words that name personal data only beside other evidence: a person's table, a weak text word.
MAYBE: Mapping[Entity, str] = {
    Entity.FREE_TEXT: """
        subject text content contents description details detail summary reason answer reply
        abstract explanation beschreibung beschreibungstext langtext kurztext betreff inhalt
        begruendung sujet contenu motif asunto contenido descripcion detalle motivo oggetto
        contenuto descrizione dettagli assunto conteudo descricao onderwerp inhoud omschrijving
        temat opis bem libelle concepto causale query search_term search_query raw_line raw_text
        html plaintext plain_text rich_text markdown raw_html text_html text_plain error_message
        error_text last_error errstr err_msg exception resolution stacktrace stack_trace traceback
        backtrace""",
    Entity.URL: "url link web site uri",
    Entity.PERSON: """
        author owner contact customer client user employee manager driver doctor patient agent
        composer clerk sender holder reporter assignee operator creator editor responsible kunde
        benutzer mitarbeiter fahrer verfasser absender auteur autor autore klant klient
        responsable responsavel responsabile actor_name person inviter invitee organizer organiser
        initiator requestor requester submitter uploader poster moderator introducer""",
    Entity.REGION: "prov state estado stato etat stan",
    Entity.USERNAME: "user account alias user_id uid actor agent_name",
    Entity.SECRET: "signature nonce challenge digest public_key certificate ciphertext key",
    Entity.NATIONAL_ID: "license_number licence_number license_no permit_number",
    Entity.CREDIT_CARD: """
        card karte carte tarjeta carta cartao kaart karta card_last_four last_four last_digits
        card_last_digits""",
    Entity.DATE_OF_BIRTH: "age alter",
    Entity.NRP: "race",
    Entity.SALARY: "commission commission_pct bonus pay brut bruto brutto netto neto lordo",
    Entity.CITY: "location place loc",
    Entity.POSTCODE: "kod cod_p pc",
    Entity.FILE_PATH: """
        filename file_name file_path filepath path file attachment attachments document_name
        document_title upload dateiname dateipfad pfad nom_fichier chemin nombre_archivo ruta
        nome_file percorso nome_arquivo caminho bestandsnaam nazwa_pliku sciezka""",
    Entity.PHOTO: "image img bild scan",
    Entity.OPAQUE_DATA: """
        attributes attribute attrs properties property props params parameters arguments args
        settings preferences prefs options config configuration document xml json snapshot before
        after old new changes change diff delta modifications object record values value body
        request response content variables info information misc fields tags keywords context
        statement sql command old_record new_record notes comments details message description
        vars words pickle pickled
        werte aenderung aenderungen anfrage antwort valeurs contexte valores cambios valori
        modifiche alteracoes waarden wijzigingen wartosci zmiany""",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What makes a weak word strong when another column of the table holds it: a `state` beside a city.
BESIDE: Mapping[Entity, tuple[Entity, ...]] = {
    Entity.REGION: (Entity.CITY, Entity.POSTCODE, Entity.STREET_ADDRESS),
    Entity.DATE_OF_BIRTH: (Entity.FIRST_NAME, Entity.LAST_NAME),
    Entity.POSTCODE: (Entity.CITY, Entity.STREET_ADDRESS),
    Entity.CITY: (Entity.POSTCODE,),
    Entity.SALARY: (Entity.FIRST_NAME, Entity.LAST_NAME, Entity.NATIONAL_ID),
    Entity.USERNAME: (Entity.PASSWORD,),
    Entity.PERSON: (Entity.PASSWORD,),
}

# Words for "name" that say nothing about whose; the last three may also be those of a thing.
NAMES = _words("name names naam nom nome nombre nazwa")
TITLES = _words("label bezeichnung title")
PEOPLE = _words(
    """
    customer customers client clients user users person persons people employee employees staff poc
    payer payers member members contact contacts patient patients student students teacher teachers
    pupil guest guests lead leads subscriber subscribers recipient recipients passenger passengers
    driver drivers doctor doctors physician nurse applicant applicants candidate candidates citizen
    beneficiary beneficiaries volunteer volunteers donor donors participant participants attendee
    attendees resident residents actor actors author authors player players agent agents manager
    managers buyer buyers seller sellers borrower borrowers insured visitor visitors profile
    profiles individual individuals worker workers caller referee friend spouse child parent admin
    admins customer_contact emp cust holder sender addressee reviewer reviewers claimant claimants
    adjuster pax landlord owner owners lessee reporter requester approver instructor instructors
    trainer trainers coach tutor mentor therapist counselor lawyer attorney judge witness witnesses
    victim suspect inmate officer officers pilot rider riders courier cashier salesman salesperson
    salesrep speaker speakers writer editor commenter voter voters taxpayer shareholder shareholders
    dependent relative sibling father mother husband wife adopter supervisor technician consultant
    recruiter registrant registrants kunde kunden benutzer nutzer mitarbeiter personen kontakt
    kontakte patienten schueler lehrer gast gaeste mitglied mitglieder angestellter angestellte
    bewerber teilnehmer abonnent versicherter ansprechpartner arzt aerzte utilisateur utilisateurs
    employe employes personne personnes salarie salaries adherent adherents membre membres
    contact_client patiente eleve eleves cliente clientes usuario usuarios empleado empleados
    persona personas paciente pacientes alumno alumnos contacto contactos socio socios miembro
    miembros clienti utente utenti dipendente dipendenti persone paziente pazienti studente studenti
    contatto contatti membro membri utilizador utilizadores funcionario funcionarios pessoa pessoas
    aluno alunos contato contatos klant klanten gebruiker gebruikers medewerker medewerkers
    personeel persoon leden lid deelnemer deelnemers klient klienci uzytkownik uzytkownicy pracownik
    pracownicy osoba osoby pacjent pacjenci czlonek czlonkowie studenci
    """
)
COMPANIES = _words(
    """
    company companies organization organizations organisation organisations supplier suppliers
    vendor vendors firm firms business businesses employer employers partner partners merchant
    merchants party parties counterparty counterparties debtors creditors
    firma firmen unternehmen lieferant lieferanten gesellschaft entreprise entreprises
    societe societes fournisseur fournisseurs empresa empresas proveedor proveedores azienda
    aziende fornitore fornitori fornecedor fornecedores bedrijf bedrijven leverancier leveranciers
    firmy dostawca dostawcy
    """
)
# Tables of places and other things that stand still: where they are is nobody's secret.
PLACES = _words(
    """
    store stores shop shops branch branches warehouse warehouses office offices station stations
    airport airports venue venues city cities town towns country countries region regions state
    states province provinces district districts hotel hotels restaurant restaurants stop stops poi
    pois landmark landmarks sensor sensors weather depot depots school schools hospital hospitals
    building buildings facility facilities campus zone zones port ports filiale filialen lager
    standort standorte orte staedte laender bahnhof haltestelle magasin magasins ville villes pays
    gare tienda tiendas ciudad ciudades almacen sucursal negozio negozi magazzino comuni loja lojas
    armazem cidade cidades winkel winkels magazijn sklep sklepy magazyn miasta kraje
    """
)
# The last word of a table that holds persons under a longer name: `customer_master`.
RECORDS = _words(
    """
    info infos detail details data record records profile profiles account accounts master list
    lists table tbl entity entities history hist archive archives backup bak old new tmp temp
    staging stage import imports export exports view base main all address addresses contact
    contacts directory register registry card cards dim fact raw copy internal external active
    daten stamm stammdaten liste verzeichnis kartei donnees datos dati dados gegevens dane lista
    search index ids identity identities
    """
)
# Tables of settings: an attribute and its value, whatever the columns are called.
SETTINGS = _words(
    """
    setting settings pref prefs preference preferences option options config configs configuration
    configurations property properties attribute attributes meta metadata metas param params
    parameter parameters extra extras customfield customfields usermeta postmeta
    einstellung einstellungen merkmale eigenschaften parametres reglages attributs opciones
    ajustes parametros atributos impostazioni attributi parametri configuracoes instellingen
    kenmerken ustawienia cechy
    """
)
# Tables of words that a search goes by.
SEARCHES = _words("search searches fts fulltext suche recherche busqueda ricerca busca zoek szukaj")
# Tables of what people write to one another, and of what they write at all.
LETTERS = _words(
    """
    mail mails email emails message messages msg letter letters sms correspondence inbox outbox
    mailbox mime communication communications notification notifications newsletter dispatch
    nachricht nachrichten brief briefe post schriftverkehr courrier courriel courriels mensaje
    mensajes correo correos messaggio messaggi mensagem mensagens bericht berichten wiadomosc
    wiadomosci imap smtp queue
    """
)
TALK = LETTERS | _words(
    """
    comment comments posts review reviews ticket tickets chat chats thread threads discussion
    discussions reply replies feedback complaint complaints note notes diary conversation
    conversations response responses answer answers call calls inquiry inquiries enquiry incident
    incidents case cases appointment appointments consultation consultations visit visits
    interview interviews testimonial testimonials survey surveys issue issues submission
    submissions application applications encounter encounters journal memo memos reminder claim
    claims obs observation observations accident calendar calendars kalender agenda
    kommentar kommentare bewertung bewertungen beschwerde beschwerden anfrage anfragen termin
    termine notiz notizen gespraech commentaire commentaires avis rendez reclamation comentario
    comentarios queja quejas cita citas nota notas commento commenti recensione recensioni
    comentarios avaliacao reclamacao opmerking opmerkingen klacht klachten komentarz komentarze
    opinia opinie zgloszenie zgloszenia notatka notatki
    """
)
# Tables of what happened: they repeat values of other tables.
LOGS = _words(
    """
    audit audits auditing log logs logging history hist changelog revision revisions trail archive
    event events activity activities tracking changes journal journals protokoll protokolle version
    versions historie verlauf historique historial bitacora registro storico historico geschiedenis
    logboek historia dziennik webhook webhooks request requests queue job jobs cache caches
    """
)
SESSIONS = _words(
    "session sessions sess sessionen sitzung sitzungen cookie cookies sesion sesiones"
)
FILES = _words(
    """
    attachment attachments file files document documents upload uploads scan scans media filestore
    filestorage storage blob blobs anhang
    anhaenge dokument dokumente datei dateien fichier fichiers documento documentos documenti
    archivo archivos adjunto adjuntos allegato allegati anexo anexos bestand bestanden bijlage
    bijlagen plik pliki zalacznik zalaczniki dokumenty
    """
)
SENDERS = _words("from to cc bcc sender recipient recipients receiver von an absender empfaenger")
# Columns of entity-attribute-value tables: what the value is, and the value.
ATTRIBUTES = _words(
    """
    attribute attr key configkey name option meta_key field property prop param parameter
    setting variable var option_name attribute_name field_name property_name setting_name
    attribute_code attribute_id field_id property_id option_id question_id question label
    merkmal eigenschaft schluessel feld cle champ attribut atributo clave campo chiave
    attributo chave kenmerk sleutel veld cecha klucz pole
    """
)
VALUES = _words(
    """
    value val values configvalue value_text value_string text_value string_value data_value
    option_value meta_value attribute_value field_value wert werte valeur valor valore waarde
    wartosc
    """
)
# What may stand in front of a thing to say whose or which it is: cust-name, privat-telefon.
FRONTS = _words(
    """
    billing shipping delivery federal home work office private business personal contact mail
    primary secondary main emergency mobile invoice account card my old new alt first last
    full birth usr rechnungs liefer privat geschaeft geschaefts firmen dienst haupt absender
    empfaenger ansprech kontakt eltern notfall vertrags pager assistant alternate day evening night
    direct landline voip int internal
    """
)

# Short words that others end with when they have grown together: `usrpwd`, `custtel`.
ENDS = _words("pwd tel fax dob ssn zip plz mob")
# Words that mean something as a whole name only: `cap` is a postcode, `market_cap` is none.
ALONE = _words(
    """
    nss fname lname initials indir str via cap cp ort cep rg nir mel pis nis cid uf gsm cc bcc
    pan pin pass mac rib nip nit rfc cif tin sin ein voie land kraj staat handle portable lat
    lng lon geo twitter threads bluesky mastodon tiktok youtube telegram snapchat discord github
    gitlab xing msn yim aim viber facebook instagram linkedin whatsapp oauth key
    """
)
# Short words that many columns of a table share without saying whose they are.
SHARED = _words(
    """
    by at in ip to of file line text data last lat lng job tax card user role item page post unit
    cost plan form type code date desc time bill ship home work
    """
)
# What a column is called by where its table says what it holds: the `number` of `phones`.
BARE = _words(
    """
    value val number no nr num identifier address addr text txt content body hash secret key nummer
    wert numero numer texte texto testo tekst inhalt
    """
)
# What a column says about the data rather than holding it: `email_verified`, `phone_type`.
ABOUT = _words(
    """
    id ids code codes type types kind status verified confirmed valid enabled disabled count
    counter total flag at on date time timestamp sent format template templates version length size
    order sort index language lang locale timezone class category level source provider mode
    preference preferences optin optout consent confirmation typ art anzahl datum tipo fecha model
    models server servers policy policies endpoint gateway carrier brand plan rule rules pattern
    regex schema domain column width height color colour style theme icon position sequence seq
    prefix suffix limit quota rate ratio percent pct score rank weight unit units currency priority
    phase stage action required visible hidden active allowed options book interval period attempts
    expires expiry ttl port usage algorithm method mime charset encoding role roles key keys karma
    ms ts medium filter filters host folder chain pipeline
    """
)
# In front, likewise: `min_salary`, `has_phone`, `num_comments`.
BEFORE = _words("min max avg average has is can allow show hide enable require og seo")
COUNTS = _words(
    "num nb nr no number count anzahl nombre numero liczba aantal"
)  # of things in plural
# Behind the name of a thing: how it is kept, not what it is.
KEPT = _words("cached normalized normalised canonical lower lowercase upper uppercase parts ci")
# In front of an address: that of a machine or of whoever runs the place.
RUNNING = _words("smtp imap support noreply default system sender reply server")
# Words of columns of a table that opens another machine by a name and a password.
MACHINES = _words("host hostname port url uri server command ssl endpoint")
# What the end or the beginning of a table's grown-together name tells: `auditlog`.
TABLES = _words(
    """
    history session sessions message messages search settings preferences properties attributes
    answer answers comment comments cache log attachment attachments
    """
)
# What a person is called by in a table of persons, and nothing is said by elsewhere.
CALLED = _words("slug permalink uid external_id external_uid provider_uid foreign_id alias")
# Words before `by` that say nothing of who did it: `sorted_by`.
CAUSES = _words(
    """
    sorted ordered grouped limited caused powered required divided multiplied filtered indexed
    partitioned supported backed followed preceded sponsored keyed increased decreased reduced
    """
)
# What a page tells search engines and its readers about itself.
PUBLIC = _words("meta_title meta_description meta_keywords meta_robots twitter_title"
                " twitter_description twitter_card twitter_image content_address memory_address"
                " base_address start_address")  # fmt: skip
DONE = _words("seen sent paid written made run done given taken sold built held drawn led set")
