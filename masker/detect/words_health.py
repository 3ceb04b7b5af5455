"""The words by which columns name health, groups, pictures, and data that can hold anything.

English, German, French, Spanish, Italian, Portuguese, Dutch and Polish; accents are folded, and
the parts of a phrase are joined by `_`.
"""

from __future__ import annotations

from collections.abc import Mapping

from masker.detect.entities import Entity

PHRASES: Mapping[Entity, str] = {
    Entity.FREE_TEXT: """
        note notes comment comments remark remarks memo body body_text body_html message
        message_text message_body free_text freetext feedback testimonial bio biography
        about_me about_you self_description cover_letter instructions delivery_instructions
        special_requests complaint annotation transcript chat_text bemerkung bemerkungen
        notiz notizen kommentar kommentare anmerkung anmerkungen nachricht nachrichtentext
        freitext beschwerde lebenslauf remarque remarques commentaire commentaires
        corps_du_message observation observations observaciones comentario comentarios
        mensaje notas nota cuerpo queja osservazioni commento commenti messaggio corpo
        annotazioni observacoes observacao mensagem anotacoes reclamacao opmerking
        opmerkingen notitie notities bericht toelichting uwagi komentarz komentarze
        wiadomosc notatka notatki tresc attention_to ship_to bill_to booked_for
        shipping_label address_label msg_text msg_body message_content message_html
        message_plain mail_body mail_text mail_content email_body email_text email_subject
        mail_subject post_content post_text post_body comment_text comment_content
        comment_body comment_html review_text review_body note_text note_body notes_internal
        internal_notes internal_note staff_notes private_notes public_notes admin_notes
        admin_comment remarks_text user_sig user_signature email_signature signature_text
        signature_html about about_text chat_message chat_log conversation transcription
        sms_text sms_body ticket_text ticket_description problem_description question_text
        answer_text response_text reply_text free_form narrative statement_text
        biographical_info biographie ueber_mich brieftext mailtext nachricht_text vermerk
        aktennotiz hinweis hinweise texte_libre note_interne notes_internes texto_libre
        notas_internas testo_libero texto_livre notas_interna vrije_tekst tresc_wiadomosci
        letter_text cv cv_text resume_text verwendungszweck verw_zweck vwz zahlungszweck
        payment_purpose purpose_text remittance_info remittance_information motif_paiement
        concepto_pago causale_pagamento betrf tytul_przelewu hergang unfallhergang
        schilderung contact_info contact_information contact_details freeform_contact_info
         kontaktangaben coordonnees_contact datos_de_contacto dati_di_contatto""",
    Entity.DIAGNOSIS: """
        diagnosis diagnoses diagnosis_text primary_diagnosis secondary_diagnosis
        admission_diagnosis discharge_diagnosis condition_text medical_condition
        medical_conditions chief_complaint presenting_complaint symptom symptoms anamnesis
        medical_history health_history family_history past_medical_history clinical_notes
        clinical_note clinical_findings discharge_summary allergy allergies treatment
        treatment_plan therapy prognosis disability handicap cause_of_death test_result
        lab_result lab_results pathology_report diagnose diagnosen befund befunde anamnese
        krankheit krankheiten krankengeschichte vorerkrankung vorerkrankungen allergie
        allergien behandlung therapie behinderung diagnostic diagnostics antecedents
        antecedents_medicaux maladie maladies symptome symptomes traitement
        motif_consultation diagnostico diagnosticos enfermedad enfermedades antecedentes
        antecedentes_medicos alergia alergias sintomas tratamiento motivo_consulta diagnosi
        malattia malattie sintomi allergia terapia trattamento anamnesi doenca doencas
        tratamento historico_medico aandoening ziekte ziektes behandeling voorgeschiedenis
        klachten rozpoznanie choroba choroby objawy leczenie uczulenia allergen allergens
        alergeno allergene diag diagn arztbericht arzt_bericht krankheitsbild""",
    Entity.MEDICAL_CODE: """
        icd icd_code icd_9 icd_10 icd_9_code icd_10_code diagnosis_code diag_code dx_code dx
        principal_dx cpt_code snomed snomed_code loinc_code drg drg_code hcpcs_code opcs_code
        ops_code diagnoseschluessel diagnosecode icd_schluessel code_cim cim_10 codigo_diagnostico
        codigo_cie cie_10 codice_diagnosi codigo_cid kod_icd kod_rozpoznania""",
    Entity.MEDICATION: """
        medication medications medication_name drug_name drug prescribed_drug prescription
        prescriptions prescription_text dosage dose_instructions rx rx_number vaccine vaccination
        vaccinations immunization immunizations medikament medikamente medikation arzneimittel
        rezept verordnung dosierung impfung impfungen medicament medicaments ordonnance posologie
        vaccin vaccins medicamento medicamentos medicacion receta dosis vacuna vacunas farmaco
        farmaci ricetta posologia vaccino medicacao receita_medica vacina vacinas medicatie
        medicijn medicijnen recept dosering leki lekarstwo recepta dawkowanie szczepienie""",
    Entity.BLOOD_TYPE: """
        blood_type blood_group bloodtype rhesus rh_factor blutgruppe groupe_sanguin
        grupo_sanguineo tipo_sangre tipo_sanguineo gruppo_sanguigno bloedgroep grupa_krwi""",
    Entity.PATIENT_ID: """
        mrn medical_record_number medical_record_no medical_record patient_id patient_no
        patient_number patient_identifier patient_code hospital_number hospital_no
        chart_number patienten_id patientennummer patienten_nr patientennr fallnummer
        id_patient numero_patient numero_dossier_medical ipp numero_paciente id_paciente
        numero_historia_clinica historia_clinica numero_paziente id_paziente
        cartella_clinica numero_utente prontuario patientnummer nr_pacjenta numer_pacjenta
        nhc num_hc patid pat_id pat_nr patnr num_histclin no_dossier id_pac""",
    Entity.HEALTH_INSURANCE: """
        insurance_number insurance_no insurance_id health_insurance health_insurance_number
        health_insurance_id insurance_policy_number insurance_member_id medicaid medicaid_id
        medicaid_number medicare_id health_card health_card_number healthcare_number
        krankenversichertennummer krankenversicherung krankenversicherungsnummer kvnr
        kv_nummer versichertennummer versicherten_nr versicherungsnummer versichertennr
        krankenkasse egk_nummer numero_assurance numero_mutuelle mutuelle carte_vitale
        numero_seguro numero_asegurado tarjeta_sanitaria numero_poliza tessera_sanitaria
        numero_assicurazione numero_tessera_sanitaria cartao_sus numero_sns
        numero_seguro_saude verzekeringsnummer polisnummer zorgverzekeraar
        numer_ubezpieczenia nr_ubezpieczenia nr_polisy policy_number policy_no
        policy_holder_number polizza numero_polizza""",
    Entity.NRP: """
        nationality citizenship ethnicity ethnic_group ethnic_origin race_ethnicity religion
        religious_affiliation religious_belief political_affiliation political_opinion
        political_views union_membership trade_union sexual_orientation sexuality caste
        tribe native_language mother_tongue staatsangehoerigkeit staatsbuergerschaft
        nationalitaet konfession religionszugehoerigkeit herkunft ethnie muttersprache
        nationalite citoyennete origine_ethnique langue_maternelle nacionalidad ciudadania
        etnia nazionalita cittadinanza religione nacionalidade raca cidadania religiao
        nationaliteit staatsburgerschap godsdienst geloof narodowosc obywatelstwo wyznanie
        pochodzenie konf relig staatsang nationalit""",
    Entity.DEMOGRAPHIC: """
        gender sex marital gender_identity pronouns marital_status civil_status
        maritalstatus relationship_status number_of_children geschlecht familienstand sexe
        etat_civil situation_familiale genero sexo estado_civil sesso stato_civile geslacht
        burgerlijke_staat plec stan_cywilny anrede salutation civilite civ
        tratamiento_cortesia aanhef anr famst fam_stand familienst mat_status
        number_children nb_enfants kinderzahl anzahl_kinder occupation profession beruf
        profesion professione profissao beroep zawod""",
    Entity.PHOTO: """
        photo photograph profile_photo profile_picture picture portrait mugshot headshot selfie
        avatar_image user_image signature_image face_image face_encoding face_embedding
        face_vector fingerprint_template fingerprint_image biometric biometric_data biometrics
        voice_print voiceprint iris_scan passport_scan id_scan foto fotos lichtbild passbild
        passfoto unterschrift photographie photo_identite fotografia zdjecie podpis""",
    Entity.FILE_PATH: """
        original_filename original_file_name attachment_name attachment_filename attachment_path
        uploaded_filename upload_filename upload_name photo_path picture_path avatar_path
        avatar_file avatar_file_name orig_path original_path orig_filename orig_name original_name
        client_filename document_path scan_path anhang_name anlagenname
        nom_piece_jointe""",
    Entity.OPAQUE_DATA: """
        data meta metadata meta_data extra extras blob raw payload raw_payload raw_data raw_body
        raw_message raw_request raw_response raw_content request_body response_body
        request_payload response_payload request_data response_data request_params request_headers
        response_headers http_headers raw_headers message_headers mail_headers email_headers
        headers envelope blob_data serialized serialized_data serialized_object object_data
        object_repr form_data post_data submitted_data submission_data user_data userdata
        user_info userinfo customer_data person_data contact_data personal_data profile_data
        member_data event_data custom_fields custom_data custom_attributes extra_data extra_info
        extra_attributes extra_fields additional_data additional_info additional_information
        additional_contact_info additional_attributes additional_fields meta_value option_value
        attribute_value attr_value property_value setting_value param_value field_value old_value
        new_value old_values new_values old_data new_data old_row new_row before_value after_value
        previous_value original_value row_data row_values changed_data changed_fields
        changed_values change_data change_set changeset change_message change_log audit_data
        audit_log vcard v_card ical identity_data claims id_claims ldap_attributes saml_attributes
        saml_response object_changes record_data search_text search_vector search_index fulltext
        full_text tsv ts_vector alter_wert neuer_wert altwert neuwert nutzdaten rohdaten
        zusatzdaten kopfzeilen ancienne_valeur nouvelle_valeur donnees donnees_brutes
        valor_anterior valor_nuevo valor_antiguo datos_adicionales valore_precedente nuovo_valore
        dati_aggiuntivi valor_antigo novo_valor dados_adicionais oude_waarde nieuwe_waarde
        stara_wartosc nowa_wartosc dane_dodatkowe""",
}  # fmt: skip
