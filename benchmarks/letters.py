"""A corpus of letters, tickets and notes in four languages, made from templates by a seed.

Every text comes with the places of what identifies somebody: e-mails, phones, cards, IBANs, IP
addresses, persons of the data set (`known`) and persons that nobody knows (`unknown`), whose family
names are in no dictionary.
"""

# ruff: noqa: ISC004 - a template goes over several lines
from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

TEMPLATES: dict[str, tuple[str, ...]] = {
    "en": (
        "Hi,\n\nthis is {known}. My order arrived broken, please call me at {phone} or write to "
        "{email}.\n\nThanks,\n{known_given}",
        "Customer {unknown} called yesterday about the invoice from March. She says that the "
        "amount was charged twice to card {card}. Refund is pending, confirm to {email}.",
        "Spoke with {title} {unknown_family} about the delivery. The driver left the parcel with "
        "{unknown}, who lives next door. Tracking shows a login from {ip}.",
        "<p>Dear {known},</p><p>we have transferred the money to <b>{iban}</b>. Your Support Team"
        "</p>",
        "Unfortunately the warranty has expired. {unknown} asked for a discount on the next "
        "purchase; I told him that Sales will get back to him on Monday.",
        "The patient was seen by {unknown} on Tuesday and will return in April. Insurance card "
        "was checked, phone {phone}.",
        "Password reset requested from {ip} for {email}. Account locked after five attempts.",
        "Please update the shipping address. The app shows an error when I press Save, and the "
        "German version of the website does not load in Chrome either.",
        "* caller: {known_last_first}\n* number: {phone}\n* reason: wants to cancel the "
        "subscription before the end of June\n* agent: {unknown}",
        "Meeting notes: {unknown}, {unknown} and {known} agreed to replace the printer. Budget "
        "approved, the quote from the supplier is attached.",
    ),
    "de": (
        "Guten Tag,\n\nmein Name ist {known} und ich warte seit zwei Wochen auf meine Bestellung. "
        "Bitte rufen Sie mich unter {phone} an oder schreiben Sie an {email}.\n\nMit freundlichen "
        "Grüßen\n{known}",
        "Kundin {unknown} hat gestern wegen der Rechnung angerufen. Der Betrag wurde zweimal von "
        "der Karte {card} abgebucht. Rückerstattung ist veranlasst, Bestätigung an {email}.",
        "{title} {unknown_family} bittet um Rückruf ({phone}), die Lieferung wurde beim Nachbarn "
        "{unknown} abgegeben. Die Sendungsnummer steht auf dem Lieferschein.",
        "<p>Sehr geehrte Damen und Herren,</p><p>bitte überweisen Sie den Betrag auf mein Konto "
        "{iban}.<br>Mit freundlichem Gruß, {known}</p>",
        "Leider ist die Garantie abgelaufen. {unknown} möchte einen Rabatt auf den nächsten "
        "Einkauf, der Vertrieb meldet sich am Montag.",
        "Der Patient wurde am Dienstag von {unknown} untersucht und kommt im April wieder. "
        "Versicherungskarte geprüft, Telefon {phone}.",
        "Anmeldung von {ip} für {email}. Das Benutzerkonto wurde nach fünf Versuchen gesperrt.",
        "Die Anwendung zeigt eine Fehlermeldung, wenn ich auf Speichern drücke. Auf dem Handy "
        "lädt die Seite im Browser auch nicht, das Passwort ist aber richtig.",
        "- Anrufer: {known_last_first}\n- Nummer: {phone}\n- Anliegen: will das Abonnement zum "
        "Ende des Monats kündigen\n- Bearbeiter: {unknown}",
        "Besprechung mit {unknown} und {known}: der Drucker wird ersetzt, das Angebot des "
        "Lieferanten liegt bei. Die Kostenstelle trägt den Rest.",
    ),
    "fr": (
        "Bonjour,\nje m'appelle {known}. Ma commande n'est jamais arrivée, rappelez-moi au "
        "{phone} ou écrivez à {email}.\nCordialement, {known_given}",
        "La cliente {unknown} a téléphoné hier au sujet de la facture. Le montant a été débité "
        "deux fois de la carte {card}. Remboursement en cours, confirmation à {email}.",
        "{title} {unknown_family} demande une réponse au {phone}. Le livreur a laissé le colis "
        "chez {unknown}, qui habite à côté.",
        "<p>Madame, Monsieur,</p><p>merci de virer la somme sur mon compte {iban}.<br>{known}</p>",
        "Malheureusement la garantie a expiré. {unknown} souhaite une remise sur le prochain "
        "achat ; le service commercial répondra lundi.",
        "Le patient a été vu par {unknown} mardi et reviendra en avril. Téléphone {phone}.",
        "Connexion depuis {ip} pour {email}. Le compte est bloqué après cinq essais.",
        "L'application affiche une erreur quand je clique sur Enregistrer. Le site ne se charge "
        "pas non plus sur mon téléphone, le mot de passe est pourtant correct.",
        "* appelant : {known_last_first}\n* numéro : {phone}\n* motif : veut résilier "
        "l'abonnement à la fin du mois\n* agent : {unknown}",
    ),
    "es": (
        "Hola, soy {known}. Mi pedido no ha llegado; llámenme al {phone} o escriban a {email}. "
        "Gracias, {known_given}",
        "La clienta {unknown} llamó ayer por la factura. El importe se cobró dos veces en la "
        "tarjeta {card}. Reembolso pendiente, confirmar a {email}.",
        "{title} {unknown_family} pide que la llamen al {phone}. El repartidor dejó el paquete "
        "con {unknown}, que vive al lado.",
        "<p>Estimados señores:</p><p>por favor transfieran el dinero a mi cuenta {iban}.<br>"
        "{known}</p>",
        "Por desgracia la garantía ha vencido. {unknown} quiere un descuento en la próxima "
        "compra; el departamento de ventas contestará el lunes.",
        "El paciente fue atendido por {unknown} el martes y volverá en abril. Teléfono {phone}.",
        "Acceso desde {ip} para {email}. La cuenta se bloqueó tras cinco intentos.",
        "La aplicación muestra un error cuando pulso Guardar. La página tampoco carga en mi "
        "móvil, y la contraseña es correcta.",
        "* llamada de: {known_last_first}\n* número: {phone}\n* motivo: quiere cancelar la "
        "suscripción a fin de mes\n* agente: {unknown}",
    ),
}  # fmt: skip
# Written later, by another hand, when the lists of ordinary words were closed: chats, logs, tables,
# forwarded mails, minutes and forms, in other words and other shapes.
LATER: dict[str, tuple[str, ...]] = {
    "en": (
        "From: {unknown} <{email}>\nSent: Wednesday\nSubject: Re: Damaged kettle\n\nForwarding "
        "this to {known}. Mobile is {phone} if the courier needs directions.",
        "| Guest | Room | Paid with |\n|---|---|---|\n| {unknown} | 214 | {card} |\n| {known} "
        "| 9 | cash |",
        "2024-11-03T08:14:22Z WARN login failed user={email} addr={ip} attempts=3",
        "**Witness statement.** {unknown} saw the cyclist brake near Harbour Lane; {unknown} "
        "phoned the ambulance. Neither {unknown_family} nor the cyclist was hurt.",
        "Could {unknown_family} from Accounting re-send the receipt? The landlord, {unknown}, "
        "wants his deposit on {iban} by Friday.",
    ),
    "de": (
        "Von: {unknown} <{email}>\nBetreff: AW: Wasserschaden im Keller\n\nLeite ich an {known} "
        "weiter, mobil {phone}.",
        "| Gast | Zimmer | Zahlung |\n|---|---|---|\n| {unknown} | 214 | {card} |\n| {known} | 9 "
        "| bar |",
        "2024-11-03 08:14:22 WARN Anmeldung fehlgeschlagen benutzer={email} adresse={ip}",
        "**Zeugenaussage.** {unknown} sah den Radfahrer an der Ampel bremsen, {unknown} rief den "
        "Krankenwagen. Verletzt wurde laut {unknown_family} niemand.",
        "Kann {unknown_family} aus der Buchhaltung die Quittung nochmal schicken? Der Vermieter "
        "{unknown} erwartet die Kaution auf {iban} bis Freitag.",
    ),
    "fr": (
        "De : {unknown} <{email}>\nObjet : RE: Fuite dans la cuisine\n\nJe transmets à {known}, "
        "portable {phone}.",
        "| Client | Chambre | Paiement |\n|---|---|---|\n| {unknown} | 214 | {card} |\n| {known} "
        "| 9 | espèces |",
        "2024-11-03 08:14:22 WARN connexion refusée utilisateur={email} adresse={ip}",
        "**Témoignage.** {unknown} a vu le cycliste freiner au feu rouge, {unknown} a appelé "
        "l'ambulance. Selon {unknown_family}, personne n'a été blessé.",
        "Le propriétaire, {unknown}, attend la caution sur {iban} avant vendredi.",
    ),
    "es": (
        "De: {unknown} <{email}>\nAsunto: RE: Gotera en la cocina\n\nSe lo paso a {known}, móvil "
        "{phone}.",
        "| Huésped | Habitación | Pago |\n|---|---|---|\n| {unknown} | 214 | {card} |\n| {known} "
        "| 9 | efectivo |",
        "2024-11-03 08:14:22 WARN acceso denegado usuario={email} dirección={ip}",
        "**Declaración.** {unknown} vio frenar al ciclista en el semáforo, {unknown} llamó a la "
        "ambulancia. Según {unknown_family} nadie resultó herido.",
        "El casero, {unknown}, espera la fianza en {iban} antes del viernes.",
    ),
}  # fmt: skip
TITLES = {"en": ("Mr.", "Mrs.", "Ms", "Dr."), "de": ("Frau", "Herr", "Dr."),
          "fr": ("M.", "Mme", "Madame"), "es": ("Sra.", "Sr.", "Señora")}  # fmt: skip
COUNTRIES = {"en": "US", "de": "DE", "fr": "FR", "es": "ES"}
_HEADS = ("Kowal", "Brandau", "Szcze", "Oyelar", "Vander", "Papado", "Björk", "Tchai", "Mukher",
          "Okonk", "Zelen", "Hrynk", "Ostrow", "Lehto", "Etche", "Urru", "Saldar", "Mama",
          "Ibarg", "Quist", "Drago", "Feren", "Gwen", "Halvar", "Jaszk", "Pfann", "Trembl",
          "Wroń", "Yildir", "Abern")  # fmt: skip
_TAILS = ("czewski", "ninger", "pański", "inde", "houwen", "poulos", "lundsen", "kovine", "jiva",
          "wooda", "skyj", "ewicz", "nenka", "verria", "tibeasco", "riagato", "nichu", "engoit",
          "oviqi", "cziny", "dorsk", "stielo", "ayen", "athye", "ingste")  # fmt: skip
_GIVEN = ("Anna", "Thomas", "Maria", "Peter", "Sophie", "Lucas", "Elena", "Martin",
          "Ewelinka", "Thorvid", "Oluwaseyi", "Maëlyss", "Iñakiel", "Svenjana", "Xochitla",
          "Brynjolf")  # fmt: skip
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Person:
    """Somebody of the data set."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Letter:
    """A text, the language it is in, whom it is about, and what identifies: (kind, start, end)."""

    text: str
    language: str
    person: Person
    places: tuple[tuple[str, int, int], ...]


def letters(count: int, *, seed: int = 3, later: bool = False) -> tuple[list[Letter], list[Person]]:
    """Return so many different texts, and the people of the data set; `later`: of LATER alone."""
    rng = random.Random(seed)
    people = {language: [_person(rng, language) for _ in range(150)] for language in TEMPLATES}
    made = []
    for number in range(count):
        language = tuple(TEMPLATES)[number % len(TEMPLATES)]
        template = rng.choice((LATER if later else TEMPLATES)[language])
        made.append(_letter(rng, template, language, rng.choice(people[language]), number))
    return made, [person for some in people.values() for person in some]


def _letter(
    rng: random.Random, template: str, language: str, person: Person, number: int
) -> Letter:
    template += f"\n({language} {number})"
    text, places, at = "", [], 0
    for found in _PLACE.finditer(template):
        text += template[at : found.start()]
        at = found.end()
        kind, value = _value(rng, found[1], language, person)
        if kind:
            places.append((kind, len(text), len(text) + len(value)))
        text += value
    return Letter(text + template[at:], language, person, tuple(places))


def _value(rng: random.Random, name: str, language: str, person: Person) -> tuple[str, str]:
    family, given = unknown_family(rng), rng.choice(_GIVEN)
    makers: dict[str, Callable[[], tuple[str, str]]] = {
        "known": lambda: ("known", f"{person.first_name} {person.last_name}"),
        "known_given": lambda: ("known", person.first_name),
        "known_last_first": lambda: ("known", f"{person.last_name}, {person.first_name}"),
        "unknown": lambda: ("unknown", rng.choice((f"{given} {family}", family))),
        "unknown_family": lambda: ("unknown", family),
        "title": lambda: ("", rng.choice(TITLES[language])),
        "email": lambda: ("email", rng.choice((person.email, _email(rng, given, family)))),
        "phone": lambda: ("phone", rng.choice((person.phone, _phone(rng, language)))),
        "ip": lambda: ("ip", ".".join(str(rng.randrange(11, 250)) for _ in range(4))),
        "card": lambda: ("card", _card(rng)),
        "iban": lambda: ("iban", _iban(rng)),
    }
    return makers[name]()


def unknown_family(rng: random.Random) -> str:
    """Return a family name that no dictionary holds."""
    return rng.choice(_HEADS) + rng.choice(_TAILS)


def _person(rng: random.Random, language: str) -> Person:
    from faker import Faker  # noqa: PLC0415 - a second for four languages, only when people are made

    locale = {"en": "en_US", "de": "de_DE", "fr": "fr_FR", "es": "es_ES"}[language]
    fake = _FAKERS.setdefault(locale, Faker(locale))
    fake.seed_instance(rng.getrandbits(32))
    # Every second family name is one that the dictionaries do not know
    last = fake.last_name() if rng.random() < 0.5 else unknown_family(rng)
    first = fake.first_name()
    return Person(first, last, _email(rng, first, last), _phone(rng, language))


_FAKERS: dict[str, object] = {}


def _email(rng: random.Random, given: str, family: str) -> str:
    plain = "".join(c for c in f"{given}.{family}".lower() if c.isascii() and c in _ADDRESS)
    host = rng.choice(("gmail.com", "web.de", "orange.fr", "acme-corp.local", "mail.example"))
    return f"{plain}{rng.randrange(100)}@{host}"


_ADDRESS = "abcdefghijklmnopqrstuvwxyz."


def _phone(rng: random.Random, language: str) -> str:
    def digits(count: int) -> str:
        return "".join(str(rng.randrange(10)) for _ in range(count))

    if language == "en":
        area, middle = rng.choice(("212", "415", "312", "617")), f"{rng.randrange(2, 9)}{digits(2)}"
        end = digits(4)
        return rng.choice(
            (f"({area}) {middle}-{end}", f"+1 {area} {middle} {end}", f"{area}-{middle}-{end}")
        )
    if language == "de":
        return rng.choice((f"+49 30 {digits(7)}", f"030 {digits(7)}", f"0171 {digits(7)}"))
    if language == "fr":
        pairs = " ".join(digits(2) for _ in range(4))
        return rng.choice((f"+33 6 {pairs}", f"06 {pairs}", f"01 {pairs}"))
    return rng.choice(
        (f"+34 6{digits(2)} {digits(3)} {digits(3)}", f"91 {digits(3)} {digits(2)} {digits(2)}")
    )


def _card(rng: random.Random) -> str:
    number = rng.choice(("4", "51", "55"))
    number += "".join(str(rng.randrange(10)) for _ in range(15 - len(number)))
    total = sum(
        sum(divmod(int(d) * 2, 10)) if place % 2 == 0 else int(d) for place, d in enumerate(number)
    )
    number += str(-total % 10)
    return rng.choice((number, " ".join(number[i : i + 4] for i in range(0, 16, 4))))


def _iban(rng: random.Random) -> str:
    bban = "".join(str(rng.randrange(10)) for _ in range(18))
    check = 98 - int(bban + "131400") % 97
    plain = f"DE{check:02d}{bban}"
    return rng.choice((plain, " ".join(plain[i : i + 4] for i in range(0, 22, 4))))
