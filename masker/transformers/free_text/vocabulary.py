"""Ordinary words: what may begin with a capital and names nobody, in texts of customers and staff.

Stop words, words that are also names, and Faker's word lists are read from where they are; below
stand the words that such texts are full of and those lists lack. All are folded: lower case, no
accents.
"""

# ruff: noqa: SIM905 - a list of words reads best as text
from __future__ import annotations

import functools
import importlib

from masker.detect.dictionary import folded
from masker.detect.name_words import AMBIGUOUS, little_words

_LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "da_DK", "cs_CZ")

# German nouns, which also end compounds: `Lieferadresse`, `Kundennummer`.
_NOUNS = """
    abteilung abo abonnement adresse aktion angabe angebot angelegenheit anfrage anliegen anruf
    anschrift ansprechpartner antrag antwort anzahl app artikel aufgabe auftrag ausgabe auskunft
    ausweis bank beitrag beleg bericht bescheid beschwerde beschreibung besuch betrag betreff
    bewertung bild bitte blatt brief buch code danke dank daten datum dauer dienst dokument einkauf
    eingang eintrag ende ergebnis ersatz euro fach fahrer fall farbe fehler filiale firma folge form
    formular frage frist garantie gebuhr geburtsdatum geld gerat geschaft gesprach gewicht grund
    grosse guthaben gutschein gutschrift handy haus hilfe hinweis hotline info information inhalt
    interesse internet jahr karte kasse kauf kennwort kollege kollegin konto kontakt kopie kosten
    kunde kundin kunden lager leistung leitung lieferant lieferschein liste mahnung mail mangel
    marke mensch menge mitarbeiter mitarbeiterin mitglied monat moglichkeit nachricht name nummer
    ordnung ort paket packchen papier partner passwort pause person plan platte portal post preis
    problem produkt protokoll prufung quittung rabatt rate raum rechnung reklamation rest retoure
    ruckfrage ruckgabe ruckruf ruckmeldung sache schaden schein schreiben schritt seite sendung
    service shop sicherheit sinn software sperre stadt stand stelle stimme strasse stuck
    stunde summe system tag team teil telefon telefonat termin text thema ticket uhr uhrzeit umstand
    umtausch unterlage unterschrift update urlaub verbindung verfugung verkauf versand verspatung
    vertrag vorgang vorname nachname vorfall wahl ware wartung website wechsel weg weise werk
    werktag werkstatt wert woche wochenende wohnung wort wunsch zahl zahlung zeichen zeile zeit
    zettel zimmer zugang zukunft zusammenhang zusage zustand zustellung zweck ausnahme verstandnis
    geduld
    """.split()
_SHORTEST_PART = 4  # letters of a noun that may end a compound

_WORDS = """
    delete remove change check create add edit close send mail write wrote read ask answer buy sell
    sold bought update reset cancel complain complained complaint feedback review rating question
    answer thanks thx best kind warm greetings sir madam folks everyone anyone somebody nobody
    happy sad angry great good bad fine new old first second third last next previous other same
    different important free available possible impossible internal external public private billing
    shipping legal technical sales marketing finance accounting human resources department office
    building floor room house apartment flat street north south east west left right
    hello hi hey dear regards thanks thank sincerely cheers please yesterday today tomorrow
    tonight morning afternoon evening unfortunately however therefore moreover furthermore
    meanwhile nevertheless regarding concerning according attached enclosed kindly sorry yes no
    ok okay maybe perhaps also although because since until while when where why who what which
    whose how if then once still just only even already again another several many most some few
    both each every customer customers client clients caller callers user users account accounts
    order orders invoice invoices refund refunds payment payments delivery deliveries parcel
    parcels package shipment shipments carrier courier item items product products return
    returns warranty repair agent agents support team ticket tickets request requests issue
    issues email e-mail mail phone call calls called calling callback contact contacted address
    addresses password login website shop store bank card cards credit debit iban bic vat pdf
    url app ceo cto cfo hr it id ids faq sms gps usb pc tv dvd cd ip html xml json api sql csv
    gdpr dsgvo rgpd monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december mon tue wed thu fri sat
    sun jan feb mar apr jun jul aug sep sept oct nov dec english german french spanish italian
    portuguese dutch polish american british european germany france spain italy portugal
    netherlands poland austria switzerland belgium ireland england scotland wales britain
    kingdom america states canada australia mexico brazil argentina sweden norway denmark
    finland russia ukraine turkey greece hungary romania czech slovakia asia europe africa
    internet google apple microsoft amazon paypal visa mastercard whatsapp facebook instagram
    twitter linkedin youtube android iphone ipad windows linux chrome firefox safari outlook
    excel word powerpoint teams zoom skype slack dhl ups fedex dpd gls hermes gmbh ag kg ltd inc
    llc plc asap fyi eta cc bcc re fwd fw aw wg ps nb note notes subject from to date sent
    received reply forwarded message wants wanted needs asked asks says said told spoke reached
    reported confirmed confirm cancelled moved paid waiting waits urgent priority status open
    closed pending resolved escalated reason reference ref number total amount price discount
    voucher coupon subscription contract offer quote appointment meeting visit doctor patient
    nurse hospital office manager staff colleague driver technician friend wife husband son
    daughter mother father brother sister family name surname birthday born lives living
    resident passport licence license insurance policy claim tax social security emergency
    street road avenue city country zip postcode ticket's customer's broken damaged missing
    wrong late lost arrived delivered shipped

    guten tag morgen abend hallo liebe lieber liebes sehr geehrte geehrter geehrtes damen herren
    herr herrn frau fraulein grusse gruss grussen freundliche freundlichen vielen danke gerne
    leider gestern heute vormittag nachmittag montag dienstag mittwoch donnerstag freitag
    samstag sonnabend sonntag januar februar marz mai juni juli oktober dezember deutsch
    deutsche deutschen englisch franzosisch deutschland osterreich schweiz frankreich spanien
    italien niederlande polen belgien europa sie ihr ihre ihnen ihrem ihren ihrer wir uns unser
    unsere rufen bitten bestatigen kundenservice kundendienst beide alle alles nichts etwas viel
    viele wenig mehr erst erneut telefonisch schriftlich dringend erledigt offen bezuglich
    betreffend laut gemass wegen trotz mutter vater bruder schwester sohn tochter ehemann
    ehefrau mann kind kinder eltern nachbar nachbarin arzt arztin patient patientin herrschaften
    grund euro cent mwst

    bonjour bonsoir salut cher chere chers cheres madame monsieur mesdames messieurs
    mademoiselle merci cordialement veuillez salutations sinceres distinguees hier aujourd
    aujourd'hui demain matin soir lundi mardi mercredi jeudi vendredi samedi dimanche janvier
    fevrier mars avril mai juin juillet aout septembre octobre novembre decembre client cliente
    clients commande commandes facture factures remboursement paiement livraison colis article
    articles retour garantie reparation agent ticket demande probleme courriel mail telephone
    tel appel rappeler rappel contact adresse mot passe compte banque carte virement rue numero
    votre notre mon ma mes son sa ses leur leurs je nous vous ils elles elle il on ce cette ces
    cet mme mlle m. francais allemand anglais espagnol france allemagne espagne belgique suisse
    italie service objet urgent bien malheureusement concernant suite apres avant depuis pendant
    selon merci d'avance

    hola buenos buenas dias tardes noches estimado estimada estimados estimadas senor senora
    senores senorita don dona gracias saludos cordiales atentamente ayer hoy manana lunes martes
    miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto
    septiembre setiembre octubre noviembre diciembre cliente clientes pedido pedidos factura
    facturas reembolso pago entrega paquete articulo articulos devolucion garantia reparacion
    agente ticket solicitud problema correo telefono tel movil llamada llamar llamenos llameme
    llamenme contacto direccion contrasena cuenta banco tarjeta transferencia calle numero su
    sus mi mis nuestro nuestra yo usted ustedes nosotros ella ellos espanol aleman ingles
    frances espana alemania francia italia servicio asunto urgente desgraciadamente
    lamentablemente quiero quisiera necesito favor seguro hablo llamo llamó pregunta respuesta
    fecha nombre apellido apellidos
    """.split()
_FREQUENT_ENDINGS = {
    "de": (
        "ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen",
        "tat", "taten", "nis", "nisse", "tum", "ment", "ismus", "enz", "anz", "ling", "lich", "ige",
    ),
    "en": (
        "ing", "ed", "ly", "tion", "tions", "ment", "ments", "ness", "ity", "ities", "ous", "able",
        "ible", "ful", "less", "ance", "ences", "ships",
    ),
    "fr": ("ment", "tion", "tions", "ement", "ance", "eux", "euse", "ible", "able", "ez", "ons"),
    "es": ("mente", "cion", "ciones", "dad", "dades", "amos", "emos", "imos", "ando", "iendo"),
}  # fmt: skip
ENDINGS = {code: tuple(ends) for code, ends in _FREQUENT_ENDINGS.items()}
_SHORTEST_STEM = 3  # letters before an ending

DETERMINERS = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein
    meine meinen meinem meiner meines dein deine deinen deinem sein seine seinen seinem seiner ihr
    ihre ihren ihrem ihrer ihres unser unsere unseren unserem unserer euer eure eurem euren dieser
    diese dieses diesen diesem jeder jede jedes jeden jedem welche welcher welches welchen alle
    allen aller zum zur im am beim vom ins ans aufs pro per zwei drei vier funf sechs sieben acht
    neun zehn viele einige mehrere wenige beide beiden ohne keinerlei solche letzte letzten letzter
    nachste nachsten folgende folgenden folgender neue neuen neuer neues
    """.split()
)
PREPOSITIONS = frozenset(
    "mit von aus bei nach seit zu durch fur gegen um auf in an uber unter vor wegen bis".split()
)


@functools.cache
def ordinary() -> frozenset[str]:
    """Return all ordinary words, folded; read once, from lists that Faker and spaCy bring."""
    listed = (
        word
        for locale in _LOCALES
        for word in importlib.import_module(f"faker.providers.lorem.{locale}").Provider.word_list
    )
    return frozenset(
        {folded(word) for word in listed}
        | {folded(word) for word in little_words()}
        | {folded(spelt) for word in (*_WORDS, *_NOUNS) for spelt in _spelt(word)}
        | AMBIGUOUS
    )


def _spelt(word: str) -> tuple[str, str]:
    """Return a word as it stands in the lists, and with sharp s, which folds to one letter."""
    return word, word.replace("ss", "ß")


@functools.cache
def compounding() -> tuple[str, ...]:
    """Return the nouns that end German compounds, with their plurals, folded."""
    every = {folded(spelt) for noun in _NOUNS for spelt in _spelt(noun)}
    nouns = sorted(noun for noun in every if len(noun) >= _SHORTEST_PART)
    return tuple({noun + end for noun in nouns for end in ("", "n", "en", "e", "s", "es", "er")})


def has_ending(word: str, language: str) -> bool:
    """Tell whether a folded word ends like an ordinary one of a language."""
    ends = ENDINGS.get(language, ())
    return any(word.endswith(end) and len(word) >= len(end) + _SHORTEST_STEM for end in ends)
