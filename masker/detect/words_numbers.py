"""The words by which columns name what identifies, pays and opens: numbers and secrets.

English, German, French, Spanish, Italian, Portuguese, Dutch and Polish; accents are folded, and
the parts of a phrase are joined by `_`.
"""

from __future__ import annotations

from collections.abc import Mapping

from masker.detect.entities import Entity

PHRASES: Mapping[Entity, str] = {
    Entity.NATIONAL_ID: """
        ssnid sinid nss nr_dow identification_number ssn social_security
        social_security_number socialsecurity sin national_id nationalid national_number
        national_insurance national_insurance_number nino nhs_number nhs passport
        passport_number passport_no passportno identity_number id_number identity_card
        identity_card_number id_card id_card_number drivers_license driver_license
        drivers_licence driving_licence driver_licence_number drivers_license_number
        license_plate licence_plate number_plate resident_id personal_number person_number
        government_id personal_id personal_code personal_identity_number citizen_id personnummer
        aadhaar medicare_number sozialversicherungsnummer svnr sv_nummer
        rentenversicherungsnummer personalausweis personalausweisnummer ausweisnummer
        reisepass reisepassnummer fuehrerschein fuehrerscheinnummer kfz_kennzeichen
        kennzeichen steuer_id steuerid steueridentifikationsnummer idnr
        numero_securite_sociale numero_de_securite_sociale securite_sociale nir insee
        numero_passeport passeport carte_identite permis_de_conduire immatriculation dni nie
        nif curp documento_identidad numero_de_documento pasaporte seguridad_social
        numero_seguridad_social permiso_de_conducir matricula codice_fiscale carta_identita
        passaporto patente numero_passaporto targa cpf rg cnh pis nis passaporte
        cartao_cidadao bsn burgerservicenummer sofinummer paspoort paspoortnummer rijbewijs
        rijbewijsnummer kenteken pesel nr_dowodu numer_dowodu dowod_osobisty numer_paszportu
        paszport prawo_jazdy social_security_no soc_sec_no national_id_number
        national_identifier national_identity_number identity_document id_document
        id_document_number id_card_no ic_number nric hkid personnummer cprnr cpr_nummer
        fodselsnummer hetu rodne_cislo egn oib jmbg emso isikukood asmens_kodas ahv_nummer
        ahvnr ppsn pps_number rut cedula cuil tfn tax_file_number dl_number
        driver_license_no driver_license_number driving_license driving_license_number
        drivers_license_no vin vehicle_identification_number plate_number plate_no
        registration_plate visa_number alien_number green_card_number voter_id voter_number
        ausweis_nr ausweisnr persoonsnummer identiteitskaart nr_identyfikacyjny num_secu
        numero_secu num_securite_sociale numero_cni cni num_dni numero_dni num_pasaporte
        identificacion numero_identificacion documento_identita numero_documento numero_bi
        bilhete_identidade nosecu no_secu numsecu passport_id passportid identification_id
        permit_no permit_number work_permit residence_permit work_permit_no visa_no kfzkz
        kfz_kz amtl_kz amtl_kennz amtlkz amtliches_kennzeichen nr_pesel num_permis
        no_passeport id_fiscal npi upin""",
    Entity.CREDIT_CARD: """
        bankcard bank_card bankcard_number card_number cardnumber card_no cardno card_num
        credit_card creditcard
        credit_card_number creditcard_number cc_number cc_num ccnumber pan
        primary_account_number debit_card debit_card_number kartennummer kreditkarte
        kreditkartennummer numero_de_carte numero_carte carte_bancaire carte_bleue
        numero_de_tarjeta numero_tarjeta tarjeta_de_credito numero_carta carta_di_credito
        numero_do_cartao numero_cartao cartao_de_credito kaartnummer creditcardnummer
        numer_karty nr_karty pan_number masked_pan card_pan kk_nummer kreditkartennr
        num_carte num_tarjeta num_carta num_cartao nr_karty_kredytowej krtnr kartennr krt_nr
        karten_nr kreditkarten_nr num_tarj no_carte""",
    Entity.CARD_SECURITY_CODE: """
        cvv cvv_two cvc cvc_two csc cid card_security_code card_verification_value
        card_verification_code card_code pruefnummer kartenpruefnummer cryptogramme
        codigo_de_seguridad codice_di_sicurezza codigo_de_seguranca beveiligingscode kod_cvv
        card_pin pin_code cvn card_cvv card_cvc""",
    Entity.IBAN_CODE: "iban iban_code iban_number iban_no iban_nr international_bank_account",
    Entity.BIC_CODE: "bic bic_code swift swift_code swiftcode bic_swift swift_bic",
    Entity.BANK_ACCOUNT: """
        cta_banco cta_bancaria bank_account bank_account_number bankaccount account_number
        account_no accountno acct_number acct_no routing_number sort_code aba_number bsb
        kontonummer konto_nr kontonr bankkonto bankverbindung bankleitzahl blz
        numero_de_compte numero_compte compte_bancaire rib numero_de_cuenta numero_cuenta
        cuenta_bancaria ccc numero_di_conto numero_conto conto_corrente numero_da_conta
        conta_bancaria rekeningnummer bankrekening bankrekeningnummer numer_konta nr_konta
        numer_rachunku nr_rachunku acct_num acct_nbr account_num account_nbr bank_acct
        bank_account_no bank_acc bank_routing routing_no routing_nbr kto kto_nr ktonr
        kto_nummer num_compte num_cuenta num_conto num_conta numero_cc rach rachunek
        rachunek_bankowy nr_rach bank_verb acc_number bankverb conto_bancario cuenta_banco
        cta_corr cta_corriente conta_corr c_corrente agencia_bancaria""",
    Entity.TAX_ID: """
        tax_id taxid taxvat tax_number tax_no tin itin ein vat vat_id vat_number vat_no
        vatin tax_identification_number steuernummer steuernr ust_id ustid ustidnr
        umsatzsteuer_id umsatzsteueridentifikationsnummer ust_idnr numero_tva tva
        tva_intracommunautaire numero_fiscal siret siren cif nit rfc partita_iva piva p_iva
        cnpj numero_de_contribuinte contribuinte btw_nummer btw_nr btwnummer nip regon
        numer_nip tax_identifier tax_identification fiscal_code fiscal_number ein_number
        tin_number vat_registration vat_registration_number gst_number gstin pan_card abn
        ust_nr ustnr mwst_nummer num_tva num_fiscal numero_tva_intracom cuit rut_empresa
        cod_fiscale codfisc partitaiva federal_tax_id fed_tax_id""",
    Entity.SALARY: """
        salary base_salary annual_salary monthly_salary wage wages gross_pay net_pay income
        annual_income compensation bonus_amount pay_rate hourly_rate gehalt bruttogehalt
        nettogehalt jahresgehalt lohn einkommen salaire salaire_brut remuneration revenu
        salario sueldo ingresos nomina stipendio retribuzione reddito ordenado vencimento
        renda salaris loon inkomen wynagrodzenie pensja dochod net_salary gross_salary
        salary_amount annual_wage monthly_income yearly_income household_income
        payroll_amount sal remuneration_amount monatsgehalt stundenlohn grundgehalt
        salaire_net salaire_base salario_base salario_bruto sueldo_base stipendio_lordo
        salario_liquido brutoloon nettoloon bruto_salaris zarobki imp_bruto importe_bruto
        sal_bruto brutto_lohn sueldo_bruto brut_annuel salaire_net_imposable expected_salary
        salary_expected""",
    Entity.CRYPTO: """
        wallet wallet_address bitcoin_address btc_address eth_address crypto_address wallet_id
        btc_wallet eth_wallet ethereum_address""",
    Entity.PASSWORD: """
        password passwd pwd pass passphrase passcode password_hash passwordhash password_digest
        hashed_password encrypted_password crypted_password pass_hash passhash pwd_hash
        old_password previous_password password_salt pin passwort kennwort passwort_hash
        mot_de_passe motdepasse mdp contrasena contrasenia clave_acceso parola_chiave senha
        palavra_passe wachtwoord wachtwoord_hash haslo haslo_hash salt pin_hash pin_number
        user_pass user_password user_passwd db_password new_password newpassword newpass old_pass
        pw pword pw_hash pw_salt passwd_hash pass_salt password_plain password_clear password_hint
        password_question password_history smtp_password ftp_password wifi_password kennwort_hash
        passwort_salt clave contrasena_hash mot_de_passe_hash senha_hash parola hashed_pw
        auth_pass smtp_pass imap_pass mail_pass email_pass ftp_pass db_pass login_pass account_pass
        bind_pass proxy_pass server_pass""",
    Entity.SECRET: """
        secret secret_key client_secret shared_secret webhook_secret signing_secret
        app_secret api_key apikey api_token api_secret access_key access_key_id
        secret_access_key access_token refresh_token id_token auth_token
        authentication_token oauth_token oauth_secret bearer_token csrf_token xsrf_token jwt
        token token_hash token_digest private_key privatekey ssh_key encryption_key
        license_key activation_key activation_code activation_token confirmation_token
        confirmation_code verification_token verification_code reset_token reset_code
        password_reset_token reset_password_token password_token remember_token
        remember_me_token unlock_token invitation_token invite_token invite_code magic_link
        magic_link_token unsubscribe_token feed_token rss_token perishable_token
        persistence_token single_access_token credential credentials connection_string dsn
        geheimnis zugangsschluessel zugriffstoken api_schluessel jeton cle_api cle_secrete
        clave_api clave_secreta chiave_api chiave_segreta chave_api chave_secreta
        api_sleutel geheime_sleutel klucz_api tajny_klucz actkey act_key user_actkey
        security_stamp secret_data credential_data auth_key auth_code auth_secret
        access_code passkey bearer device_code user_code pkce_verifier code_verifier
        authorization_code oauth_verifier email_token user_token login_token sso_token
        verification_key activation_link reset_key password_reset_key password_reset_code
        unsubscribe_key private_pem keystore api_password api_credentials bot_token
        webhook_token deploy_token consumer_key consumer_secret p_256_dh secure_identifier
        confirm_code confirm_key confirm_token sharing_code share_code share_token
        protect_code protection_code oauth oauth_data oauth_tokens twitter_oauth google_oauth
        facebook_oauth github_oauth push_key pushkey smime_certificate
        user_certificate client_certificate personal_certificate pgp_key gpg_key pgp_private_key
        secret_token signing_key hmac_key fernet_key psk tls_psk pre_shared_key preshared_key
        snmp_community
        community_string credential_id auth_hash login_hash confirmation_hash recovery_token
        email_verification_code""",
    Entity.MFA_SECRET: """
        mfa_secret mfa_seed otp_secret otp_seed otp_key totp totp_secret totp_seed hotp_secret
        two_factor_secret twofactor_secret tfa_secret second_factor_secret authenticator_secret
        google_authenticator_secret recovery_code recovery_codes backup_code backup_codes
        otp_backup_codes scratch_codes two_factor_recovery_codes otp otp_code security_answer
        secret_answer security_question_answer mfa_token mfa_code totp_key two_factor_code
        tfa_code recovery_key recovery_hash sicherheitsantwort""",
    Entity.SESSION: """
        session_id sessionid session_key session_token session_data session_hash sid sess_id
        phpsessid cookie cookies cookie_id sitzungs_id sitzungsschluessel sess_key sess_data
        session_value session_payload session_vars session_blob session_token_hash cookie_value
        cookie_data cookie_header sessionkey jsessionid""",
}  # fmt: skip
