"""The words by which columns name people, where they live and how they are reached.

English, German, French, Spanish, Italian, Portuguese, Dutch and Polish; accents are folded, and
the parts of a phrase are joined by `_`.
"""

from __future__ import annotations

from collections.abc import Mapping

from masker.detect.entities import Entity

PHRASES: Mapping[Entity, str] = {
    Entity.PERSON: """
        sort_name other_names alternate_name alias_name co_borrower full_name fullname
        person_name display_name real_name legal_name contact_person contact_name
        account_holder card_holder cardholder holder_name name_on_card recipient
        recipient_name addressee beneficiary next_of_kin emergency_contact salesperson
        signed_by patient_name vollname vor_und_nachname nname ansprechpartner kontaktperson
        empfaenger kontoinhaber karteninhaber inhaber anzeigename sachbearbeiter nom_complet
        nom_et_prenom nom_prenom destinataire titulaire interlocuteur nombre_completo
        nombre_y_apellidos destinatario titular persona_de_contacto nome_completo
        nome_e_cognome intestatario destinatario titolare nome_do_titular volledige_naam
        contactpersoon ontvanger rekeninghouder imie_i_nazwisko odbiorca osoba_kontaktowa
        wlasciciel posiadacz nicename gecos attn attention to_name from_name sender_name
        payee payer_name drawer debtor creditor account_owner owner_name signatory signer
        signed_name guardian guardian_name spouse_name father_name mother_name nominee
        witness plaintiff defendant attorney prescriber attending_physician physician_name
        cardholder_name ship_name shipping_name billing_name bill_name sold_to_name
        contact_full_name reported_by requested_by approved_by reporter_name auftraggeber
        bearbeiter ehepartner vorgesetzter nom_du_client nom_du_titulaire nombre_del_titular
        nombre_contacto nome_contatto nome_referente referente osoba_do_kontaktu
        imie_nazwisko naam_contactpersoon tenaamstelling ansprechp sachb sachbearb
        rechtsanwalt zeuge zeugen temoin testigo testimone getuige swiadek trabajador
        medecin_traitant medico_cabecera hausarzt kontoinh verfasst_von
        unterzeichner signataire firmante nom_prenoms contact_person_name complete_name other_name
        pay_to_name also_known_as payer remitter remitter_name purchaser_name installer_name""",
    Entity.FIRST_NAME: """
        initials name_initials first_name firstname given_name givenname forename fname f_name
        middle_name middlename middle_names second_name vorname vname vornamen rufname zweitname
        prenom prenoms nombre_de_pila primer_nombre segundo_nombre nome_proprio nome_di_battesimo
        primeiro_nome voornaam voornamen roepnaam imie imiona drugie_imie first_nm frst_nm fst_nm
        forenames middle_initial middle_nm given_names preferred_name vorna prenom_usage nombres
        nome_de_batismo prenome pierwsze_imie""",
    Entity.LAST_NAME: """
        ape_pat ape_mat apellido_pat apellido_mat last_name lastname surname family_name
        familyname lname l_name maiden_name birth_name former_name mothers_maiden_name
        mother_maiden_name nachname familienname zuname geburtsname maedchenname nom_de_famille
        nom_famille nom_de_naissance nom_usuel nom_patronymique apellido apellidos primer_apellido
        segundo_apellido apellido_paterno apellido_materno cognome cognome_nubile sobrenome
        apelido ultimo_nome achternaam familienaam geboortenaam meisjesnaam nazwisko
        nazwisko_panienskie nazwisko_rodowe last_nm lst_nm lastnm surnames birth_surname
        second_surname family_nm zunamen nachn nom_de_jeune_fille nom_naissance nome_de_familia
        apelidos sobrenomes cognomi""",
    Entity.USERNAME: """
        username user_name login login_name loginname nick nickname nick_name handle
        screen_name account_name created_by updated_by modified_by changed_by deleted_by
        twitter_handle instagram skype telegram_username slack_id benutzername
        benutzerkennung anmeldename spitzname kuerzel nom_utilisateur nom_d_utilisateur
        identifiant pseudo pseudonyme nombre_de_usuario nombre_usuario usuario apodo
        nome_utente soprannome nome_de_usuario nome_de_utilizador utilizador apelido_login
        gebruikersnaam inlognaam bijnaam nazwa_uzytkownika pseudonim logon logon_name
        login_id logon_id sam_account_name user_principal_name upn principal principal_name
        create_by change_by update_by modify_by created_user modified_user updated_user
        last_modified_by last_updated_by inserted_by entered_by posted_by performed_by
        recorded_by last_changed_by created_by_user whodunnit angelegt_von erstellt_von
        geaendert_von cree_par modifie_par creado_por modificado_por creato_da modificato_da
        criado_por alterado_por aangemaakt_door gewijzigd_door utworzony_przez
        zmieniony_przez social_handle facebook_id facebook_name google_id twitter_id
        twitter_name discord_id discord_name skype_name skype_id wechat_id icq aim_name
        jabber jabber_id steam_id gamertag anmeldekennung login_kennung benutzer_kennung
        aenderungsbenutzer erfasser bearb_benutzer aendben erfben erf_user aend_user usr_cre
        usr_upd usr_mod owner_username login_user external_username federated_username
        author_username assigned_to assigned_user utente_ins utente_mod ute_ins ute_mod
        user_ins user_upd user_cre user_mod twitter threads bluesky mastodon tiktok youtube
        telegram snapchat discord github gitlab xing msn yim aim viber line_id matrix_id irc_nick
        social_id social_login twitter_username twitter_account twitter_user github_username
        github_id github_login gitlab_username instagram_username instagram_handle instagram_id
        facebook_username facebook_user telegram_id telegram_user telegram_handle discord_username
        tiktok_handle tiktok_username youtube_handle mastodon_handle bluesky_handle skype_username
        linkedin_id linkedin_username google_user_id google_uid facebook_uid twitter_uid
        employee_number employee_no emp_no emp_number staff_number staff_no personnel_number
        personnel_no personalnummer personalnr matrikelnummer matricule matricola student_number
        badge_number membership_number member_number legajo bind_dn user_dn distinguished_name""",
    Entity.EMAIL_ADDRESS: """
        email e_mail mail email_address e_mail_address mail_address emailaddress emailaddr
        email_addr reply_to replyto from_email to_email recipient_email sender_email cc bcc
        emailadresse e_mail_adresse mailadresse courriel adresse_email adresse_mail
        adresse_electronique mel correo correo_electronico direccion_de_correo direccion_correo
        posta_elettronica indirizzo_email indirizzo_mail correio_eletronico endereco_de_email
        endereco_email mailadres emailadres e_mailadres poczta adres_email adres_e_mail
        poczta_elektroniczna email_id emailid mail_id mail_addr e_mail_addr smtp_addr smtp_address
        email_from email_to mail_from mail_to from_address to_address from_addr to_addr rcpt_to
        envelope_from envelope_to return_path sender_address recipient_address contact_email
        paypal_email adr_mail adresse_e_mail email_adresse email_kontakt emailkontakt correo_e
        dir_correo email_contatto email_contacto pec casella_email endereco_eletronico e_mailadres
        elektroniczny_adres sendto send_to send_email recipients mail_recipients email_recipients
        additional_recipients recipients_cc recipients_bcc notify_email alert_email""",
    Entity.PHONE_NUMBER: """
        phone phone_number phonenumber phone_no telephone telephone_number tel tel_no tel_nr
        telno mobile mobile_number mobile_phone mobile_no cell cell_phone cellphone
        cell_number fax fax_number faxno msisdn whatsapp whatsapp_number home_phone
        work_phone telefon telefonnummer telefonnr telnr rufnummer handy handynummer handynr
        mobilnummer mobiltelefon festnetz faxnummer telephone_portable portable
        numero_de_telephone num_tel numero_telephone telephone_fixe telefono
        numero_de_telefono movil celular numero_telefono cellulare numero_di_telefono
        recapito_telefonico telefone numero_de_telefone telemovel telefoon telefoonnummer
        mobiel mobiele_nummer gsm gsm_nummer nr_telefonu numer_telefonu telefon_komorkowy
        komorka ph_no ph_number phone_num contact_no contact_number mob_no mobile_num
        landline landline_number office_phone daytime_phone evening_phone caller_id
        caller_number called_number calling_number pager sms_number telefax telefax_nr telef
        telf telnum phone_ext phone_extension mobil mobil_nr mobilfunk mobilfunknummer
        privattelefon diensttelefon tel_privat cellulaire tel_portable tel_fixe tfno tlf
        numero_celular numero_cellulare num_telefono num_telefone contacto_telefonico
        telefone_fixo numero_mobile tel_kom tel_komorkowy telefon_kontaktowy faks telp teld
        telpriv telgesch telg tel_dom tel_bur tel_trav tel_perso tel_casa tel_trab tlf_casa
        tel_lavoro tel_cel tel_fijo tel_werk tel_thuis""",
    Entity.STREET_ADDRESS: """
        indir address addr street street_address street_name streetname street_no
        street_number address_line addressline address_line_one address_line_two line_one
        line_two full_address postal_address mailing_address shipping_address
        billing_address home_address delivery_address residential_address house_number
        housenumber house_no house_name apartment po_box pobox adresse anschrift strasse str
        strasse_nr strasse_hausnummer hausnummer hausnr adresszusatz postfach
        lieferanschrift lieferadresse rechnungsadresse rechnungsanschrift wohnanschrift rue
        adresse_postale numero_de_rue complement_adresse complement_d_adresse voie direccion
        calle domicilio direccion_postal numero_de_casa indirizzo via indirizzo_residenza
        numero_civico civico endereco rua logradouro morada complemento straat straatnaam
        adres huisnummer huisnr postbus adres_zamieszkania ulica nr_domu numer_domu
        nr_mieszkania street_one street_two addr_one addr_two addr_line addr_line_one
        addr_line_two apt apt_no apt_number apartment_number flat_no flat_number
        suite_number unit_number street_addr ship_address ship_addr shipto_address
        bill_address residence residence_address permanent_address current_address
        building_number address_full stras hausnr_zusatz wohnadresse privatadresse
        firmenadresse adresse_ligne adresse_complete numero_voie domicile dir_envio
        direccion_envio direccion_facturacion indirizzo_completo indirizzo_spedizione
        indirizzo_fatturazione endereco_completo adres_korespondencyjny adres_dostawy
        bezorgadres factuuradres woonadres strnr str_nr str_hnr strhnr strassehausnr anschr
        anschr_zeile dom_fiscal dir_postal domic line_three line_four address_line_three
        address_line_four street_three addr_three addr_line_three address_three address_four""",
    Entity.CITY: """
        luogo_nasc lugar_nac ur_miejsce city town city_name municipality village locality
        stadt ort ortsname wohnort gemeinde ortschaft ville commune localite ciudad
        poblacion municipio localidad citta comune localita cidade concelho freguesia stad
        plaats woonplaats plaatsnaam miasto miejscowosc gmina birthplace birth_place
        place_of_birth birth_city geburtsort lieu_de_naissance ville_naissance
        lugar_de_nacimiento luogo_di_nascita local_de_nascimento naturalidade geboorteplaats
        miejsce_urodzenia hometown home_town current_city ship_city ortsteil wohnsitz
        lieu_naissance ciudad_nacimiento municipio_residencia luogo_nascita
        cidade_nascimento lieu_naiss lieunaiss pob poblac miejsc miejscow village_town
        city_village plz_ort plzort ciud cod_ciudad gem_name wohnsitzort residence_city wpl
        woonpl localita_residenza""",
    Entity.POSTCODE: """
        postcode post_code postal_code postalcode zip zip_code zipcode zip_plus_four plz
        postleitzahl code_postal codepostal cp codigo_postal cap codice_postale cep
        codigo_de_enderecamento kod_pocztowy post_cd postal_cd pstlz zip_cd pcode postnummer
        postkod kodpocztowy cod_postal codpostal cod_pos codpos c_postal cpostal cpostale
        kod_poczt kod_poczta postcd post_code_city mail_code mailcode postalzip postal_zip""",
    Entity.REGION: """
        region state_province province county district department_region federal_state state_name
        bundesland landkreis kreis bezirk kanton region_name departement provincia
        comunidad_autonoma distrito regione estado_provincia uf provincie wojewodztwo powiat
        neighborhood neighbourhood suburb borough bairro barrio quartier stadtteil""",
    Entity.COUNTRY: """
        country country_name land_name staat pays nom_pays pais nombre_pais paese nazione land
        kraj country_of_residence country_of_birth""",
    Entity.COORDINATES: """
        latitude longitude lat lng lon long_lat lat_lng geo geo_point geolocation coordinates gps
        gps_position geom_point location_point breitengrad laengengrad latitud longitud latitudine
        longitudine breedtegraad lengtegraad szerokosc_geograficzna dlugosc_geograficzna""",
    Entity.ORGANIZATION: """
        rag_soc raz_soc company company_name companyname organization organisation
        organization_name organisation_name org_name employer employer_name business_name firm
        firma firmenname unternehmen arbeitgeber gesellschaft betrieb entreprise societe
        raison_sociale nom_societe employeur empresa nombre_empresa razon_social empleador azienda
        ragione_sociale datore_di_lavoro nome_empresa razao_social empregador bedrijf bedrijfsnaam
        werkgever nazwa_firmy pracodawca""",
    Entity.DATE_OF_BIRTH: """
        fec_nacim date_of_birth birth_year year_of_birth yob geburtsjahr annee_naissance
        anio_nacimiento anno_nascita rok_urodzenia geboortejaar dateofbirth birth_date
        birthdate birthday dob d_o_b born born_on born_at birth_day date_of_death deathdate
        died_on birthdate_at geburtsdatum geburtstag geb_dat gebdatum geboren_am sterbedatum
        date_de_naissance date_naissance datenaissance naissance fecha_de_nacimiento
        fecha_nacimiento nacimiento data_di_nascita data_nascita data_de_nascimento
        data_nascimento nascimento geboortedatum geboorte_datum data_urodzenia urodzony bday
        birth_dt birthdt dt_of_birth dt_birth date_birth birth dod gbdat geb geb_datum
        geb_am dt_naissance dtnaissance date_naiss fec_nac fecha_nac f_nacimiento dt_nasc
        dt_nascimento data_nasc data_ur gebdat birth_timestamp geboortedag gebd gebdt
        geburtsdat birthd dnaiss d_naiss dat_naiss ddn f_nac fnac fec_n_nac fecha_nacim
        nacim dat_ur dt_ur gebjahr spouse_birthdate birth_dat""",
    Entity.IP_ADDRESS: """
        ip ip_address ipaddress ip_addr ipaddr client_ip remote_ip remote_addr
        remote_address source_ip user_ip last_ip login_ip signup_ip current_sign_in_ip
        last_sign_in_ip ipv_four ip_adresse adresse_ip direccion_ip indirizzo_ip endereco_ip
        ip_adres adres_ip x_forwarded_for ipv_6 ip_num ipnum ip_from ip_to poster_ip
        author_ip reg_ip registration_ip created_ip client_addr peer_addr src_addr
        source_addr peer_ip host_ip remote_host forwarded_for x_real_ip ip_utente ip_usuario
        ip_restriction subnet_ip last_known_ip first_ip lastip firstip ip_range iprange ip_start
        ip_end start_ip end_ip""",
    # The last two are those of RADIUS (RFC 2865), which hold a number or the address of a machine.
    Entity.MAC_ADDRESS: """
        mac mac_address macaddress mac_addr hardware_address mac_adresse calling_station_id
        called_station_id""",
    Entity.DEVICE_ID: """
        device_id deviceid imei imsi idfa gaid advertising_id device_token device_fingerprint
        push_token fingerprint browser_fingerprint visitor_id serial_number_device geraete_id
        imei_number device_uuid device_udid udid android_id apns_token fcm_token meid iccid
        sim_number client_device_id""",
    Entity.USER_AGENT: """
        user_agent useragent browser_agent http_user_agent browser ua ua_string browser_info
        browser_name device_info device_name navigateur navegador""",
    Entity.URL: """
        website web_site homepage home_page profile_url linkedin linkedin_url facebook_url
        twitter_url github_url avatar_url photo_url picture_url image_url_profile personal_url
        webseite site_web sitio_web pagina_web sito_web strona_www referer referrer avatar
        photo_uri profile_link profile_page facebook linkedin_profile facebook_profile
        twitter_profile blog_url personal_website http_referer referrer_url""",
}  # fmt: skip
