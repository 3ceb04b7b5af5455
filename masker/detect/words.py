"""The words by which columns name personal data.

English, German, French, Spanish, Italian, Portuguese, Dutch and Polish; accents are folded, and
the parts of a phrase are joined by `_`.
"""

from __future__ import annotations

from collections.abc import Mapping

from masker.catalog import Kind
from masker.detect.entities import Entity

_TEXT = frozenset({Kind.TEXT})
_NUMBER = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL})
_DATE = frozenset({Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
_SECRET = frozenset({Kind.TEXT, Kind.BYTES, Kind.UUID, Kind.INTEGER, Kind.JSON})

# The kinds of column in which an entity can be; text where nothing is said.
KINDS: Mapping[Entity, frozenset[Kind]] = {
    Entity.PHONE_NUMBER: _NUMBER,
    Entity.POSTCODE: _NUMBER,
    Entity.COORDINATES: frozenset({Kind.TEXT, Kind.DECIMAL, Kind.FLOAT, Kind.GEOMETRY, Kind.OTHER}),
    Entity.DATE_OF_BIRTH: _DATE,
    Entity.NATIONAL_ID: _NUMBER,
    Entity.IP_ADDRESS: frozenset({Kind.TEXT, Kind.INET}),
    Entity.MAC_ADDRESS: frozenset({Kind.TEXT, Kind.INET, Kind.OTHER}),
    Entity.DEVICE_ID: frozenset({Kind.TEXT, Kind.UUID}),
    Entity.FREE_TEXT: _TEXT,
    Entity.CREDIT_CARD: _NUMBER,
    Entity.CARD_SECURITY_CODE: _NUMBER,
    Entity.BANK_ACCOUNT: _NUMBER,
    Entity.TAX_ID: _NUMBER,
    Entity.SALARY: frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}),
    Entity.PASSWORD: frozenset({Kind.TEXT, Kind.BYTES}),
    Entity.SECRET: _SECRET,
    Entity.MFA_SECRET: _SECRET | {Kind.ARRAY},
    Entity.SESSION: _SECRET,
}
TEXT_ONLY = _TEXT

PHRASES: Mapping[Entity, str] = {
    Entity.PERSON: """
        full_name fullname person_name display_name real_name legal_name contact_person
        contact_name account_holder card_holder cardholder holder_name name_on_card
        recipient recipient_name addressee beneficiary next_of_kin emergency_contact
        salesperson signed_by patient_name
        vollname vor_und_nachname ansprechpartner kontaktperson empfaenger kontoinhaber
        karteninhaber inhaber anzeigename sachbearbeiter
        nom_complet nom_et_prenom nom_prenom destinataire titulaire interlocuteur
        nombre_completo nombre_y_apellidos destinatario titular persona_de_contacto
        nome_completo nome_e_cognome intestatario destinatario titolare
        nome_do_titular volledige_naam contactpersoon ontvanger rekeninghouder
        imie_i_nazwisko odbiorca osoba_kontaktowa wlasciciel posiadacz""",
    Entity.FIRST_NAME: """
        first_name firstname given_name givenname forename fname f_name middle_name middlename
        middle_names second_name vorname vornamen rufname zweitname prenom prenoms
        nombre_de_pila primer_nombre segundo_nombre nome_proprio nome_di_battesimo
        primeiro_nome voornaam voornamen roepnaam imie imiona drugie_imie""",
    Entity.LAST_NAME: """
        last_name lastname surname family_name familyname lname l_name maiden_name birth_name
        former_name mothers_maiden_name mother_maiden_name nachname familienname zuname
        geburtsname maedchenname nom_de_famille nom_famille nom_de_naissance nom_usuel
        nom_patronymique apellido apellidos primer_apellido segundo_apellido
        apellido_paterno apellido_materno cognome cognome_nubile sobrenome apelido ultimo_nome
        achternaam familienaam geboortenaam meisjesnaam nazwisko nazwisko_panienskie
        nazwisko_rodowe""",
    Entity.USERNAME: """
        username user_name login login_name loginname userid nick nickname nick_name handle
        screen_name account_name created_by updated_by modified_by changed_by deleted_by
        twitter_handle instagram skype telegram_username slack_id benutzername benutzerkennung
        anmeldename spitzname kuerzel nom_utilisateur nom_d_utilisateur identifiant pseudo
        pseudonyme nombre_de_usuario nombre_usuario usuario apodo nome_utente soprannome
        nome_de_usuario nome_de_utilizador utilizador apelido_login gebruikersnaam
        inlognaam bijnaam nazwa_uzytkownika pseudonim""",
    Entity.EMAIL_ADDRESS: """
        email e_mail mail email_address e_mail_address mail_address emailaddress emailaddr
        email_addr reply_to replyto from_email to_email recipient_email sender_email cc bcc
        emailadresse e_mail_adresse mailadresse courriel adresse_email adresse_mail
        adresse_electronique mel correo correo_electronico direccion_de_correo
        direccion_correo posta_elettronica indirizzo_email indirizzo_mail correio_eletronico
        endereco_de_email endereco_email mailadres emailadres e_mailadres poczta
        adres_email adres_e_mail poczta_elektroniczna""",
    Entity.PHONE_NUMBER: """
        phone phone_number phonenumber phone_no telephone telephone_number tel tel_no tel_nr
        telno mobile mobile_number mobile_phone mobile_no cell cell_phone cellphone cell_number
        fax fax_number faxno msisdn whatsapp whatsapp_number home_phone work_phone
        telefon telefonnummer telefonnr telnr rufnummer handy handynummer handynr mobilnummer
        mobiltelefon festnetz faxnummer telephone_portable portable numero_de_telephone
        num_tel numero_telephone telephone_fixe telefono numero_de_telefono movil celular
        numero_telefono cellulare numero_di_telefono recapito_telefonico telefone
        numero_de_telefone telemovel telefoon telefoonnummer mobiel mobiele_nummer gsm
        gsm_nummer nr_telefonu numer_telefonu telefon_komorkowy komorka""",
    Entity.STREET_ADDRESS: """
        address addr street street_address street_name streetname street_no street_number
        address_line addressline address_line_one address_line_two line_one line_two
        full_address postal_address mailing_address shipping_address billing_address
        home_address delivery_address residential_address house_number housenumber house_no
        house_name apartment po_box pobox adresse anschrift strasse str strasse_nr
        strasse_hausnummer hausnummer hausnr adresszusatz postfach lieferanschrift
        lieferadresse rechnungsadresse rechnungsanschrift wohnanschrift rue
        adresse_postale numero_de_rue complement_adresse complement_d_adresse voie
        direccion calle domicilio direccion_postal numero_de_casa indirizzo
        via indirizzo_residenza numero_civico civico endereco rua logradouro morada
        complemento straat straatnaam adres huisnummer huisnr postbus adres_zamieszkania
        ulica nr_domu numer_domu nr_mieszkania""",
    Entity.CITY: """
        city town city_name municipality village locality stadt ort ortsname wohnort gemeinde
        ortschaft ville commune localite ciudad poblacion municipio localidad citta comune
        localita cidade concelho freguesia stad plaats woonplaats plaatsnaam
        miasto miejscowosc gmina birthplace birth_place place_of_birth birth_city geburtsort
        lieu_de_naissance ville_naissance lugar_de_nacimiento luogo_di_nascita
        local_de_nascimento naturalidade geboorteplaats miejsce_urodzenia""",
    Entity.POSTCODE: """
        postcode post_code postal_code postalcode zip zip_code zipcode zip_plus_four plz
        postleitzahl code_postal codepostal cp codigo_postal cap codice_postale cep
        codigo_de_enderecamento kod_pocztowy""",
    Entity.REGION: """
        region state_province province county district department_region federal_state
        state_name bundesland landkreis kreis bezirk kanton region_name departement provincia
        comunidad_autonoma distrito regione estado_provincia uf provincie wojewodztwo powiat
        neighborhood neighbourhood suburb borough bairro barrio quartier stadtteil""",
    Entity.COUNTRY: """
        country country_name land_name staat pays nom_pays pais nombre_pais paese nazione
        land kraj country_of_residence country_of_birth""",
    Entity.COORDINATES: """
        latitude longitude lat lng lon long_lat lat_lng geo geo_point geolocation coordinates
        gps gps_position geom_point location_point breitengrad laengengrad latitud longitud
        latitudine longitudine breedtegraad lengtegraad szerokosc_geograficzna
        dlugosc_geograficzna""",
    Entity.ORGANIZATION: """
        company company_name companyname organization organisation organization_name
        organisation_name org_name employer employer_name business_name firm firma firmenname
        unternehmen arbeitgeber gesellschaft betrieb entreprise societe raison_sociale
        nom_societe employeur empresa nombre_empresa razon_social empleador azienda
        ragione_sociale datore_di_lavoro nome_empresa razao_social empregador
        bedrijf bedrijfsnaam werkgever nazwa_firmy pracodawca""",
    Entity.DATE_OF_BIRTH: """
        date_of_birth dateofbirth birth_date birthdate birthday dob d_o_b born born_on born_at
        birth_day date_of_death deathdate died_on birthdate_at geburtsdatum geburtstag geb_dat
        gebdatum geboren_am sterbedatum date_de_naissance date_naissance datenaissance
        naissance fecha_de_nacimiento fecha_nacimiento nacimiento data_di_nascita
        data_nascita data_de_nascimento data_nascimento nascimento geboortedatum
        geboorte_datum data_urodzenia urodzony""",
    Entity.NATIONAL_ID: """
        ssn social_security social_security_number socialsecurity sin national_id nationalid
        national_number national_insurance national_insurance_number nino nhs_number nhs
        passport passport_number passport_no passportno identity_number id_number identity_card
        identity_card_number id_card id_card_number drivers_license driver_license
        drivers_licence driving_licence driver_licence_number drivers_license_number
        license_plate licence_plate number_plate resident_id personal_number person_number
        government_id aadhaar medicare_number mrn medical_record_number insurance_number
        health_insurance_number sozialversicherungsnummer svnr sv_nummer rentenversicherungsnummer
        personalausweis personalausweisnummer ausweisnummer reisepass reisepassnummer
        fuehrerschein fuehrerscheinnummer krankenversichertennummer versichertennummer
        kfz_kennzeichen kennzeichen steuer_id steuerid steueridentifikationsnummer idnr
        numero_securite_sociale numero_de_securite_sociale securite_sociale nir insee
        numero_passeport passeport carte_identite permis_de_conduire immatriculation
        dni nie nif curp documento_identidad numero_de_documento pasaporte
        seguridad_social numero_seguridad_social permiso_de_conducir matricula
        codice_fiscale carta_identita passaporto patente numero_passaporto targa
        cpf rg cnh pis nis passaporte cartao_cidadao bsn burgerservicenummer sofinummer
        paspoort paspoortnummer rijbewijs rijbewijsnummer kenteken pesel nr_dowodu
        numer_dowodu dowod_osobisty numer_paszportu paszport prawo_jazdy""",
    Entity.IP_ADDRESS: """
        ip ip_address ipaddress ip_addr ipaddr client_ip remote_ip remote_addr remote_address
        source_ip user_ip last_ip login_ip signup_ip current_sign_in_ip last_sign_in_ip ipv_four
        ip_adresse adresse_ip direccion_ip indirizzo_ip endereco_ip ip_adres adres_ip
        x_forwarded_for""",
    Entity.MAC_ADDRESS: "mac mac_address macaddress mac_addr hardware_address mac_adresse",
    Entity.DEVICE_ID: """
        device_id deviceid imei imsi idfa gaid advertising_id device_token device_fingerprint
        push_token fingerprint browser_fingerprint visitor_id serial_number_device
        geraete_id""",
    Entity.USER_AGENT: "user_agent useragent browser_agent http_user_agent browser",
    Entity.URL: """
        website web_site homepage home_page profile_url linkedin linkedin_url facebook_url
        twitter_url github_url avatar_url photo_url picture_url image_url_profile personal_url
        webseite site_web sitio_web pagina_web sito_web strona_www referer referrer""",
    Entity.FREE_TEXT: """
        note notes comment comments remark remarks memo body body_text body_html message
        message_text message_body free_text freetext feedback testimonial bio biography
        about_me about_you self_description cover_letter instructions delivery_instructions
        special_requests complaint diagnosis anamnesis annotation transcript chat_text
        bemerkung bemerkungen notiz notizen kommentar kommentare anmerkung anmerkungen
        nachricht nachrichtentext freitext beschwerde diagnose lebenslauf
        remarque remarques commentaire commentaires corps_du_message observation observations
        observaciones comentario comentarios mensaje notas nota cuerpo queja
        osservazioni commento commenti messaggio corpo annotazioni
        observacoes observacao mensagem anotacoes reclamacao opmerking opmerkingen notitie
        notities bericht toelichting uwagi komentarz komentarze wiadomosc notatka notatki
        tresc attention_to ship_to bill_to booked_for shipping_label address_label""",
    Entity.CREDIT_CARD: """
        card_number cardnumber card_no cardno card_num credit_card creditcard
        credit_card_number creditcard_number cc_number cc_num ccnumber pan primary_account_number
        debit_card debit_card_number kartennummer kreditkarte kreditkartennummer
        numero_de_carte numero_carte carte_bancaire carte_bleue numero_de_tarjeta
        numero_tarjeta tarjeta_de_credito numero_carta carta_di_credito numero_do_cartao
        numero_cartao cartao_de_credito kaartnummer creditcardnummer numer_karty nr_karty""",
    Entity.CARD_SECURITY_CODE: """
        cvv cvv_two cvc cvc_two csc cid card_security_code card_verification_value
        card_verification_code card_code pruefnummer kartenpruefnummer cryptogramme
        codigo_de_seguridad codice_di_sicurezza codigo_de_seguranca beveiligingscode
        kod_cvv card_pin pin_code""",
    Entity.IBAN_CODE: "iban iban_code iban_number iban_no iban_nr international_bank_account",
    Entity.BIC_CODE: "bic bic_code swift swift_code swiftcode bic_swift swift_bic",
    Entity.BANK_ACCOUNT: """
        bank_account bank_account_number bankaccount account_number account_no accountno
        acct_number acct_no routing_number sort_code aba_number bsb kontonummer konto_nr kontonr
        bankkonto bankverbindung bankleitzahl blz numero_de_compte numero_compte
        compte_bancaire rib numero_de_cuenta numero_cuenta cuenta_bancaria ccc numero_di_conto
        numero_conto conto_corrente numero_da_conta conta_bancaria rekeningnummer
        bankrekening bankrekeningnummer numer_konta nr_konta numer_rachunku nr_rachunku""",
    Entity.TAX_ID: """
        tax_id taxid tax_number tax_no tin itin ein vat vat_id vat_number vat_no vatin
        tax_identification_number steuernummer steuernr ust_id ustid ustidnr
        umsatzsteuer_id umsatzsteueridentifikationsnummer ust_idnr numero_tva tva
        tva_intracommunautaire numero_fiscal siret siren cif nit rfc partita_iva piva
        p_iva cnpj numero_de_contribuinte contribuinte btw_nummer btw_nr btwnummer
        nip regon numer_nip""",
    Entity.SALARY: """
        salary base_salary annual_salary monthly_salary wage wages gross_pay net_pay income
        annual_income compensation bonus_amount pay_rate hourly_rate gehalt bruttogehalt
        nettogehalt jahresgehalt lohn einkommen salaire salaire_brut remuneration revenu
        salario sueldo ingresos nomina stipendio retribuzione reddito ordenado
        vencimento renda salaris loon inkomen wynagrodzenie pensja dochod""",
    Entity.CRYPTO: "wallet wallet_address bitcoin_address btc_address eth_address crypto_address",
    Entity.PASSWORD: """
        password passwd pwd pass passphrase passcode password_hash passwordhash password_digest
        hashed_password encrypted_password crypted_password pass_hash passhash pwd_hash
        old_password previous_password password_salt salt pin pin_hash passwort
        kennwort passwort_hash mot_de_passe motdepasse mdp contrasena contrasenia clave_acceso
        parola_chiave senha palavra_passe wachtwoord wachtwoord_hash haslo haslo_hash""",
    Entity.SECRET: """
        secret secret_key client_secret shared_secret webhook_secret signing_secret app_secret
        api_key apikey api_token api_secret access_key access_key_id secret_access_key
        access_token refresh_token id_token auth_token authentication_token oauth_token
        oauth_secret bearer_token csrf_token xsrf_token jwt token token_hash token_digest
        private_key privatekey ssh_key encryption_key license_key activation_key
        activation_code activation_token confirmation_token confirmation_code
        verification_token verification_code reset_token reset_code password_reset_token
        reset_password_token password_token remember_token remember_me_token unlock_token
        invitation_token invite_token invite_code magic_link magic_link_token unsubscribe_token
        feed_token rss_token perishable_token persistence_token single_access_token
        credential credentials connection_string dsn geheimnis zugangsschluessel
        zugriffstoken api_schluessel jeton cle_api cle_secrete clave_api clave_secreta
        chiave_api chiave_segreta chave_api chave_secreta api_sleutel geheime_sleutel
        klucz_api tajny_klucz""",
    Entity.MFA_SECRET: """
        mfa_secret mfa_seed otp_secret otp_seed otp_key totp totp_secret totp_seed hotp_secret
        two_factor_secret twofactor_secret tfa_secret second_factor_secret
        authenticator_secret google_authenticator_secret recovery_code recovery_codes
        backup_code backup_codes otp_backup_codes scratch_codes two_factor_recovery_codes otp
        otp_code security_answer secret_answer security_question_answer""",
    Entity.SESSION: """
        session_id sessionid session_key session_token session_data session_hash sid sess_id
        phpsessid cookie cookies cookie_id sitzungs_id sitzungsschluessel""",
}  # fmt: skip

# Words that name personal data only beside other evidence: a person's table, a weak text word.
MAYBE: Mapping[Entity, str] = {
    Entity.FREE_TEXT: """
        subject text content contents description details summary reason answer reply beschreibung
        betreff inhalt sujet contenu asunto contenido descripcion oggetto contenuto descrizione
        assunto conteudo descricao onderwerp inhoud omschrijving temat opis query search_term
        raw raw_line raw_text payload""",
    Entity.URL: "url link web site uri",
    Entity.PERSON: """
        author owner contact customer client user employee manager driver doctor patient agent
        composer sender holder kunde benutzer mitarbeiter auteur autor autore klant klient""",
    Entity.REGION: "state estado stato etat stan",
    Entity.USERNAME: "user account alias user_id",
    Entity.SECRET: "signature nonce challenge digest",
    Entity.CREDIT_CARD: "card karte carte tarjeta carta cartao kaart karta",
    Entity.DATE_OF_BIRTH: "age birth_year year_of_birth geburtsjahr",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What makes a weak word strong when another column of the table holds it: a `state` beside a city.
BESIDE: Mapping[Entity, tuple[Entity, ...]] = {
    Entity.REGION: (Entity.CITY, Entity.POSTCODE, Entity.STREET_ADDRESS),
    Entity.DATE_OF_BIRTH: (Entity.FIRST_NAME, Entity.LAST_NAME),
}

# Words for "name" that say nothing about whose.
NAMES = _words("name names naam nom nome nombre nazwa label bezeichnung title")
PEOPLE = _words(
    """
    customer customers client clients user users person persons people employee employees staff
    member members contact contacts patient patients student students teacher teachers pupil
    guest guests lead leads subscriber subscribers recipient recipients passenger passengers driver
    drivers doctor doctors physician nurse applicant applicants candidate candidates citizen
    beneficiary beneficiaries volunteer volunteers donor donors participant participants attendee
    attendees resident residents actor actors author authors player players agent agents manager
    managers buyer buyers seller sellers borrower borrowers insured visitor visitors profile
    profiles individual individuals worker workers caller referee friend spouse child parent
    admin admins customer_contact emp cust holder sender addressee
    kunde kunden benutzer nutzer mitarbeiter person personen kontakt kontakte patienten schueler
    lehrer gast gaeste mitglied mitglieder angestellter angestellte bewerber teilnehmer
    abonnent versicherter ansprechpartner arzt aerzte
    utilisateur utilisateurs employe employes personne personnes salarie salaries adherent
    adherents membre membres contact_client patiente eleve eleves
    cliente clientes usuario usuarios empleado empleados persona personas paciente pacientes
    alumno alumnos contacto contactos socio socios miembro miembros
    clienti utente utenti dipendente dipendenti persone paziente pazienti studente studenti
    contatto contatti membro membri
    utilizador utilizadores funcionario funcionarios pessoa pessoas aluno alunos contato contatos
    klant klanten gebruiker gebruikers medewerker medewerkers personeel persoon personen leden lid
    patienten deelnemer deelnemers
    klient klienci uzytkownik uzytkownicy pracownik pracownicy osoba osoby pacjent pacjenci
    czlonek czlonkowie student studenci
    """
)
COMPANIES = _words(
    """
    company companies organization organizations organisation organisations supplier suppliers
    vendor vendors firm firms business businesses employer employers partner partners merchant
    merchants firma firmen unternehmen lieferant lieferanten gesellschaft
    entreprise entreprises societe societes fournisseur fournisseurs empresa empresas proveedor
    proveedores azienda aziende fornitore fornitori fornecedor fornecedores bedrijf bedrijven
    leverancier leveranciers firmy dostawca dostawcy
    """
)
# Words that mean something as a whole name only: `cap` is a postcode, `market_cap` is none.
ALONE = _words(
    """
    str via cap cp ort cep rg nir mel pis nis cid uf gsm cc bcc pan pin pass mac rib nip nit rfc cif
    tin sin ein voie land kraj staat handle portable lat lng lon geo
    """
)
# What a column says about the data rather than holding it: `email_verified`, `phone_type`.
ABOUT = _words(
    """
    id ids code type kind status verified confirmed valid enabled count counter total flag at on
    date time timestamp sent format template templates version length size order sort index
    language lang locale timezone class category level source provider mode preference
    preferences optin optout consent confirmation typ art anzahl datum tipo fecha
    """
)
