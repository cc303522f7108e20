SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.autotrick_alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.autotrick_attempts (
    id integer NOT NULL,
    trial_id integer NOT NULL,
    number integer NOT NULL,
    state character varying NOT NULL,
    reason text,
    started timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    node character varying,
    device character varying,
    environment_id integer,
    cpus double precision,
    gpus double precision
);
CREATE SEQUENCE public.autotrick_attempts_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.autotrick_attempts_id_seq OWNED BY public.autotrick_attempts.id;
CREATE TABLE public.autotrick_checkpoints (
    trial_id integer NOT NULL,
    epoch integer NOT NULL,
    path text NOT NULL,
    checksum character varying NOT NULL,
    bytes bigint NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.autotrick_environments (
    id integer NOT NULL,
    digest character varying NOT NULL,
    facts json NOT NULL
);
CREATE SEQUENCE public.autotrick_environments_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.autotrick_environments_id_seq OWNED BY public.autotrick_environments.id;
CREATE TABLE public.autotrick_refusals (
    study_id integer NOT NULL,
    number integer NOT NULL,
    place integer NOT NULL,
    recipe json NOT NULL,
    measure character varying NOT NULL,
    value double precision,
    bound double precision NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.autotrick_reports (
    trial_id integer NOT NULL,
    epoch integer NOT NULL,
    attempt integer NOT NULL,
    accuracy double precision,
    loss double precision,
    train_loss double precision,
    lr double precision,
    seconds double precision NOT NULL,
    weights character varying NOT NULL,
    extra json NOT NULL,
    created timestamp with time zone NOT NULL,
    metrics json
);
CREATE TABLE public.autotrick_settings (
    study_id integer NOT NULL,
    number integer NOT NULL,
    name character varying NOT NULL,
    value double precision,
    text character varying
);
CREATE TABLE public.autotrick_studies (
    id integer NOT NULL,
    name character varying NOT NULL,
    question text NOT NULL,
    space json NOT NULL,
    space_digest character varying NOT NULL,
    metric character varying NOT NULL,
    seed bigint NOT NULL,
    budget json NOT NULL,
    state character varying NOT NULL,
    trials integer NOT NULL,
    owner character varying,
    heartbeat timestamp with time zone,
    created timestamp with time zone NOT NULL,
    archived boolean DEFAULT false NOT NULL,
    earlier_spaces json,
    ended text,
    data json,
    parent_id integer,
    purpose text,
    task text
);
CREATE SEQUENCE public.autotrick_studies_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.autotrick_studies_id_seq OWNED BY public.autotrick_studies.id;
CREATE TABLE public.autotrick_test_looks (
    study_id integer NOT NULL,
    number integer NOT NULL,
    candidates json NOT NULL,
    result json,
    forced boolean DEFAULT false NOT NULL,
    created timestamp with time zone NOT NULL,
    finished timestamp with time zone
);
CREATE TABLE public.autotrick_trials (
    id integer NOT NULL,
    study_id integer NOT NULL,
    number integer NOT NULL,
    state character varying NOT NULL,
    recipe json NOT NULL,
    digest character varying NOT NULL,
    seed bigint NOT NULL,
    origin character varying NOT NULL,
    value double precision,
    epochs integer NOT NULL,
    seconds double precision NOT NULL,
    attempts integer NOT NULL,
    parameters bigint,
    weights character varying,
    reason text,
    created timestamp with time zone NOT NULL,
    finished timestamp with time zone,
    architecture character varying,
    batch_size bigint,
    base_lr double precision,
    tricks text,
    scaling_exponent double precision,
    weight_decay double precision,
    momentum double precision,
    multiply_adds bigint,
    latency_ms double precision,
    robustness double precision,
    score double precision,
    memory bigint,
    lr double precision,
    accumulation bigint,
    phase text,
    design json
);
CREATE SEQUENCE public.autotrick_trials_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.autotrick_trials_id_seq OWNED BY public.autotrick_trials.id;
ALTER TABLE ONLY public.autotrick_attempts ALTER COLUMN id SET DEFAULT nextval('public.autotrick_attempts_id_seq'::regclass);
ALTER TABLE ONLY public.autotrick_environments ALTER COLUMN id SET DEFAULT nextval('public.autotrick_environments_id_seq'::regclass);
ALTER TABLE ONLY public.autotrick_studies ALTER COLUMN id SET DEFAULT nextval('public.autotrick_studies_id_seq'::regclass);
ALTER TABLE ONLY public.autotrick_trials ALTER COLUMN id SET DEFAULT nextval('public.autotrick_trials_id_seq'::regclass);
INSERT INTO public.autotrick_alembic_version VALUES ('0009');
INSERT INTO public.autotrick_attempts VALUES (1, 1, 1, 'done', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'n1', NULL, 1, NULL, NULL);
INSERT INTO public.autotrick_attempts VALUES (2, 2, 1, 'done', 'asha', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'n1', NULL, 1, NULL, NULL);
INSERT INTO public.autotrick_attempts VALUES (4, 4, 1, 'done', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.autotrick_attempts VALUES (3, 3, 1, 'lost', 'driver was killed', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'n1', NULL, 1, NULL, NULL);
INSERT INTO public.autotrick_attempts VALUES (5, 3, 2, 'open', NULL, '2026-01-01 12:00:00+00', NULL, NULL, NULL, NULL, 2, 0.5);
INSERT INTO public.autotrick_checkpoints VALUES (1, 1, '/0', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_checkpoints VALUES (1, 2, '/0', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_checkpoints VALUES (2, 1, '/1', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_checkpoints VALUES (2, 2, '/1', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_checkpoints VALUES (3, 1, '/2', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_checkpoints VALUES (3, 2, '/2', 'cafe', 100, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_environments VALUES (1, '645d7579770faf69', '{"torch": "2.9"}');
INSERT INTO public.autotrick_refusals VALUES (1, 3, 0, '{"data": {"name": "digits", "fingerprint": "f00d", "image_size": null, "validation": 0.1, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {}, "epochs": 2, "batch_size": 128, "accumulation": 1, "base_lr": 0.1, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cutmix": {}, "label_smoothing": {"variant": "k-1"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}', 'parameters', 2000, 1500, '2026-01-01 12:00:00+00');
INSERT INTO public.autotrick_reports VALUES (1, 1, 1, 0.1, 1, 1.5, 0.1, 2, '0.1', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (1, 2, 1, 0.2, 1, 1.5, 0.1, 2, '0.2', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (2, 1, 1, 0.2, 1, 1.5, 0.1, 2, '1.1', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (2, 2, 1, 0.3, 1, 1.5, 0.1, 2, '1.2', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (3, 1, 1, 0.3, 1, 1.5, 0.1, 2, '2.1', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (3, 2, 1, 0.4, 1, 1.5, 0.1, 2, '2.2', '{"raw_accuracy": 0.5}', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.autotrick_reports VALUES (4, 1, 1, NULL, 1, 1.5, 0.1, 2, '1.1', '{}', '2026-01-01 12:00:00+00', '{"error": 2.5, "bias": -0.5}');
INSERT INTO public.autotrick_settings VALUES (1, 1, 'mixup', NULL, NULL);
INSERT INTO public.autotrick_settings VALUES (1, 1, 'mixup.alpha', 0.25, NULL);
INSERT INTO public.autotrick_settings VALUES (1, 2, 'cutmix', NULL, NULL);
INSERT INTO public.autotrick_settings VALUES (1, 2, 'label_smoothing', NULL, NULL);
INSERT INTO public.autotrick_settings VALUES (1, 2, 'label_smoothing.variant', NULL, 'k-1');
INSERT INTO public.autotrick_studies VALUES (1, 'mixing', 'Does it help?', '{"name": "mixing"}', 'd1gest', 'accuracy', 7, '{"trials": 3}', 'open', 3, NULL, NULL, '2026-01-01 12:00:00+00', false, NULL, NULL, '{"classes": {"0": 3}}', NULL, NULL, NULL);
INSERT INTO public.autotrick_studies VALUES (2, 'errors', 'How far off?', '{"name": "errors", "objective": {"objectives": ["error", "seconds"]}}', 'd1gest', 'error', 7, '{"trials": 1}', 'open', 1, NULL, NULL, '2026-01-01 12:00:00+00', false, NULL, NULL, NULL, 1, 'list', 'counting');
INSERT INTO public.autotrick_trials VALUES (1, 1, 0, 'complete', '{"data": {"name": "digits", "fingerprint": "f00d", "image_size": null, "validation": 0.1, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {}, "epochs": 2, "batch_size": 64, "accumulation": 1, "base_lr": 0.1, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}', '176cf752c39a18b0', 0, 'tpe', 0.2, 2, 4, 1, 1000, '0.2', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'lenet5', 64, 0.1, ' ', 1, 0.0005, 0.9, 5000, 1.5, 0.125, 0.1875, 8589934592, 0.025, 1, NULL, NULL);
INSERT INTO public.autotrick_trials VALUES (2, 1, 1, 'pruned', '{"data": {"name": "digits", "fingerprint": "f00d", "image_size": null, "validation": 0.1, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {}, "epochs": 2, "batch_size": 64, "accumulation": 1, "base_lr": 0.1, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"mixup": {"alpha": 0.25}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}', '1a6683f9202e3f8b', 0, 'tpe', 0.3, 2, 4, 1, 1000, '1.2', 'asha', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'lenet5', 64, 0.1, ' mixup ', 1, 0.0005, 0.9, NULL, NULL, NULL, NULL, NULL, 0.025, 1, NULL, NULL);
INSERT INTO public.autotrick_trials VALUES (4, 2, 0, 'complete', '{"data": {"name": "digits", "fingerprint": "f00d", "image_size": null, "validation": 0.1, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {}, "epochs": 1, "batch_size": 64, "accumulation": 1, "base_lr": 0.1, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false, "task": "counting"}', '1cfac8e1db852e5c', 0, 'tpe', 2.5, 1, 2, 1, NULL, '1.1', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'lenet5', 64, 0.1, ' ', 1, 0.0005, 0.9, NULL, NULL, NULL, -2.5, NULL, 0.025, 1, NULL, NULL);
INSERT INTO public.autotrick_trials VALUES (3, 1, 2, 'running', '{"data": {"name": "digits", "fingerprint": "f00d", "image_size": null, "validation": 0.1, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {}, "epochs": 2, "batch_size": 64, "accumulation": 1, "base_lr": 0.1, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cutmix": {}, "label_smoothing": {"variant": "k-1"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}', 'cad933388cefe3e4', 0, 'tpe', 0.4, 2, 4, 2, NULL, '2.2', NULL, '2026-01-01 12:00:00+00', NULL, 'lenet5', 64, 0.1, ' cutmix label_smoothing ', 1, 0.0005, 0.9, NULL, NULL, NULL, NULL, NULL, 0.025, 1, NULL, NULL);
SELECT pg_catalog.setval('public.autotrick_attempts_id_seq', 5, true);
SELECT pg_catalog.setval('public.autotrick_environments_id_seq', 1, true);
SELECT pg_catalog.setval('public.autotrick_studies_id_seq', 2, true);
SELECT pg_catalog.setval('public.autotrick_trials_id_seq', 4, true);
ALTER TABLE ONLY public.autotrick_alembic_version
    ADD CONSTRAINT autotrick_alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.autotrick_attempts
    ADD CONSTRAINT autotrick_attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.autotrick_attempts
    ADD CONSTRAINT autotrick_attempts_trial_id_number_key UNIQUE (trial_id, number);
ALTER TABLE ONLY public.autotrick_checkpoints
    ADD CONSTRAINT autotrick_checkpoints_pkey PRIMARY KEY (trial_id, epoch);
ALTER TABLE ONLY public.autotrick_environments
    ADD CONSTRAINT autotrick_environments_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.autotrick_environments
    ADD CONSTRAINT autotrick_environments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.autotrick_refusals
    ADD CONSTRAINT autotrick_refusals_pkey PRIMARY KEY (study_id, number, place);
ALTER TABLE ONLY public.autotrick_reports
    ADD CONSTRAINT autotrick_reports_pkey PRIMARY KEY (trial_id, epoch);
ALTER TABLE ONLY public.autotrick_settings
    ADD CONSTRAINT autotrick_settings_pkey PRIMARY KEY (study_id, number, name);
ALTER TABLE ONLY public.autotrick_studies
    ADD CONSTRAINT autotrick_studies_name_key UNIQUE (name);
ALTER TABLE ONLY public.autotrick_studies
    ADD CONSTRAINT autotrick_studies_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.autotrick_test_looks
    ADD CONSTRAINT autotrick_test_looks_pkey PRIMARY KEY (study_id, number);
ALTER TABLE ONLY public.autotrick_trials
    ADD CONSTRAINT autotrick_trials_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.autotrick_trials
    ADD CONSTRAINT autotrick_trials_study_id_number_key UNIQUE (study_id, number);
CREATE UNIQUE INDEX autotrick_attempts_open_idx ON public.autotrick_attempts USING btree (trial_id) WHERE ((state)::text = 'open'::text);
CREATE INDEX autotrick_settings_value_idx ON public.autotrick_settings USING btree (study_id, name, value, text, number);
CREATE INDEX autotrick_trials_best_idx ON public.autotrick_trials USING btree (study_id, state, value DESC, seconds, number);
CREATE INDEX autotrick_trials_score_idx ON public.autotrick_trials USING btree (study_id, state, score DESC, seconds, number) WHERE (score IS NOT NULL);
CREATE INDEX autotrick_trials_study_id_digest_idx ON public.autotrick_trials USING btree (study_id, digest);
CREATE INDEX autotrick_trials_study_id_tricks_state_value_idx ON public.autotrick_trials USING btree (study_id, tricks, state, value);
ALTER TABLE ONLY public.autotrick_attempts
    ADD CONSTRAINT autotrick_attempts_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES public.autotrick_environments(id);
ALTER TABLE ONLY public.autotrick_attempts
    ADD CONSTRAINT autotrick_attempts_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.autotrick_trials(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_checkpoints
    ADD CONSTRAINT autotrick_checkpoints_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.autotrick_trials(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_refusals
    ADD CONSTRAINT autotrick_refusals_study_id_fkey FOREIGN KEY (study_id) REFERENCES public.autotrick_studies(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_reports
    ADD CONSTRAINT autotrick_reports_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.autotrick_trials(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_settings
    ADD CONSTRAINT autotrick_settings_study_id_fkey FOREIGN KEY (study_id) REFERENCES public.autotrick_studies(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_studies
    ADD CONSTRAINT autotrick_studies_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.autotrick_studies(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.autotrick_test_looks
    ADD CONSTRAINT autotrick_test_looks_study_id_fkey FOREIGN KEY (study_id) REFERENCES public.autotrick_studies(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.autotrick_trials
    ADD CONSTRAINT autotrick_trials_study_id_fkey FOREIGN KEY (study_id) REFERENCES public.autotrick_studies(id) ON DELETE CASCADE;
