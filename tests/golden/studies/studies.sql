BEGIN TRANSACTION;
CREATE TABLE autotrick_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT autotrick_alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "autotrick_alembic_version" VALUES('0007');
CREATE TABLE autotrick_attempts (
	id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	reason TEXT, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	node VARCHAR, 
	device VARCHAR, 
	environment_id INTEGER, cpus DOUBLE, gpus DOUBLE, 
	CONSTRAINT autotrick_attempts_pkey PRIMARY KEY (id), 
	CONSTRAINT autotrick_attempts_trial_id_fkey FOREIGN KEY(trial_id) REFERENCES autotrick_trials (id) ON DELETE CASCADE, 
	CONSTRAINT autotrick_attempts_environment_id_fkey FOREIGN KEY(environment_id) REFERENCES autotrick_environments (id), 
	CONSTRAINT autotrick_attempts_trial_id_number_key UNIQUE (trial_id, number)
);
INSERT INTO "autotrick_attempts" VALUES(1,1,1,'done',NULL,'2026-11-30 08:03:43.398670','2026-11-30 08:04:04.118190','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(2,2,1,'stopped','paused at a rung','2026-11-30 08:04:04.146746','2026-11-30 08:04:05.075704','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(3,3,1,'stopped','paused at a rung','2026-11-30 08:04:05.084395','2026-11-30 08:04:06.261010','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(4,4,1,'stopped','paused at a rung','2026-11-30 08:04:06.271136','2026-11-30 08:04:07.509551','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(5,5,1,'stopped','paused at a rung','2026-11-30 08:04:07.532427','2026-11-30 08:04:08.302242','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(6,2,2,'done',NULL,'2026-11-30 08:04:08.309118','2026-11-30 08:04:10.352121','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(7,6,1,'stopped','paused at a rung','2026-11-30 08:04:10.396307','2026-11-30 08:04:10.753955','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(8,4,2,'done',NULL,'2026-11-30 08:04:10.762503','2026-11-30 08:04:12.836294','the-host-of-then/d3e1e2ac','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(9,7,1,'done',NULL,'2026-11-30 08:04:35.142014','2026-11-30 08:04:47.022209','the-host-of-then/d78bf7c7','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(10,8,1,'stopped','paused at a rung','2026-11-30 08:04:47.031935','2026-11-30 08:04:47.399877','the-host-of-then/d78bf7c7','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(11,9,1,'open',NULL,'2026-11-30 08:04:47.423500',NULL,'the-host-of-then/d78bf7c7','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(12,11,1,'done',NULL,'2026-11-30 08:05:22.521603','2026-11-30 08:05:36.264770','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(13,12,1,'stopped','paused at a rung','2026-11-30 08:05:36.291739','2026-11-30 08:05:37.247992','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(14,13,1,'stopped','paused at a rung','2026-11-30 08:05:37.260770','2026-11-30 08:05:38.029397','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(15,14,1,'stopped','paused at a rung','2026-11-30 08:05:38.036836','2026-11-30 08:05:38.965629','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(16,12,2,'stopped','paused at a rung','2026-11-30 08:05:39.001478','2026-11-30 08:05:39.480223','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(17,13,2,'stopped','paused at a rung','2026-11-30 08:05:39.523882','2026-11-30 08:05:40.769388','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(18,14,2,'stopped','paused at a rung','2026-11-30 08:05:40.814205','2026-11-30 08:05:41.337220','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(19,12,3,'done',NULL,'2026-11-30 08:05:41.349896','2026-11-30 08:05:42.626671','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(20,13,3,'done',NULL,'2026-11-30 08:05:42.751698','2026-11-30 08:05:44.252252','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(21,14,3,'done',NULL,'2026-11-30 08:05:44.264381','2026-11-30 08:05:44.980817','the-host-of-then/94049178','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(22,15,1,'done',NULL,'2026-11-30 08:06:20.144945','2026-11-30 08:06:59.811374','the-host-of-then/1d42eef9','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(23,16,1,'stopped','paused at a rung','2026-11-30 08:06:59.819092','2026-11-30 08:07:00.430114','the-host-of-then/1d42eef9','cpu',1,1.0,0.0);
INSERT INTO "autotrick_attempts" VALUES(24,17,1,'open',NULL,'2026-11-30 08:07:00.445265',NULL,'the-host-of-then/1d42eef9','cpu',1,1.0,0.0);
CREATE TABLE autotrick_checkpoints (
	trial_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	checksum VARCHAR NOT NULL, 
	bytes BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT autotrick_checkpoints_pkey PRIMARY KEY (trial_id, epoch), 
	CONSTRAINT autotrick_checkpoints_trial_id_fkey FOREIGN KEY(trial_id) REFERENCES autotrick_trials (id) ON DELETE CASCADE
);
INSERT INTO "autotrick_checkpoints" VALUES(1,6,'@FOLDER@/files/whole_asha-035f6d0d/trial-0/epoch-6.checkpoint','310995ee1a6985af13b9c797134ffb7923f63feabc219e5d454587a26a132a39',20863,'2026-11-30 08:04:04.116109');
INSERT INTO "autotrick_checkpoints" VALUES(2,6,'@FOLDER@/files/whole_asha-035f6d0d/trial-1/epoch-6.checkpoint','46937e8a401e5f5ccaf533d0fcd145d54d0607473527abffd59aaddbe9b14499',21055,'2026-11-30 08:04:10.351235');
INSERT INTO "autotrick_checkpoints" VALUES(4,6,'@FOLDER@/files/whole_asha-035f6d0d/trial-3/epoch-6.checkpoint','ab92d0774c6b182413ecca513af6a1aa6444cc3f68b865c8217375d8a6ab1b1a',20927,'2026-11-30 08:04:12.835408');
INSERT INTO "autotrick_checkpoints" VALUES(7,6,'@FOLDER@/files/half_asha-60d501bf/trial-0/epoch-6.checkpoint','576b73a2c78a191461566fdd7564e08f81ae95cbf91187ee45b44bb32ca6fcd4',20863,'2026-11-30 08:04:47.021251');
INSERT INTO "autotrick_checkpoints" VALUES(8,1,'@FOLDER@/files/half_asha-60d501bf/trial-1/epoch-1.checkpoint','8fc99ec5aab42ff3921e24801e4d32c69824eb4d9692f61ef471164556ab02fa',20479,'2026-11-30 08:04:47.245152');
INSERT INTO "autotrick_checkpoints" VALUES(8,2,'@FOLDER@/files/half_asha-60d501bf/trial-1/epoch-2.checkpoint','c035b2332685cc7608884c782ccf3a8daa1a1f7e32ef054ec2db2658326e7bda',20607,'2026-11-30 08:04:47.399002');
INSERT INTO "autotrick_checkpoints" VALUES(9,1,'@FOLDER@/files/half_asha-60d501bf/trial-2/epoch-1.checkpoint','d64f07e9aea5f1af1b33a6ec085c1716b9232d0c61107a0e25f9ba69e5eff9c3',20543,'2026-11-30 08:04:47.619317');
INSERT INTO "autotrick_checkpoints" VALUES(11,6,'@FOLDER@/files/whole_population-de512a7a/trial-0/epoch-6.checkpoint','66254129d00305f4e84c16ed2ac3b5f5b369b0b6927ee19befd70945589d70fa',20863,'2026-11-30 08:05:36.263860');
INSERT INTO "autotrick_checkpoints" VALUES(12,6,'@FOLDER@/files/whole_population-de512a7a/trial-1/epoch-6.checkpoint','26ce4b3a31ccd4f8fd36417cd4c5a7b1af4a4719c78358793b3342fa2ca45335',21055,'2026-11-30 08:05:42.625725');
INSERT INTO "autotrick_checkpoints" VALUES(13,6,'@FOLDER@/files/whole_population-de512a7a/trial-2/epoch-6.checkpoint','5ee578e787c1c9526ed3a3fe3580af8323ffa9436b430c35270430fa9bc18694',21055,'2026-11-30 08:05:44.251325');
INSERT INTO "autotrick_checkpoints" VALUES(14,6,'@FOLDER@/files/whole_population-de512a7a/trial-3/epoch-6.checkpoint','d24a532b3ce54fc17ed95c5273637935e75f867712915ac5e144a14e97dbf2f7',20927,'2026-11-30 08:05:44.979900');
INSERT INTO "autotrick_checkpoints" VALUES(15,6,'@FOLDER@/files/half_population-66172397/trial-0/epoch-6.checkpoint','8773667af250bf1f729a7da8e4f503ccd9ce7f38b82177815532ff16937df321',20863,'2026-11-30 08:06:59.810326');
INSERT INTO "autotrick_checkpoints" VALUES(16,1,'@FOLDER@/files/half_population-66172397/trial-1/epoch-1.checkpoint','5078a16c7e0dac527dddb27d47cb918f9a7953dbf858b8cd47612f16164a41c4',20479,'2026-11-30 08:07:00.196515');
INSERT INTO "autotrick_checkpoints" VALUES(16,2,'@FOLDER@/files/half_population-66172397/trial-1/epoch-2.checkpoint','f54087739f4635ef381d0a2d44e69183240e2140bd290c88bfda7c8b2fade46c',20607,'2026-11-30 08:07:00.429017');
INSERT INTO "autotrick_checkpoints" VALUES(17,1,'@FOLDER@/files/half_population-66172397/trial-2/epoch-1.checkpoint','fa2dc8d3f923ec36f11996abc221086e2477e892422b9df000a9fddf4a1a26f8',20479,'2026-11-30 08:07:00.739557');
CREATE TABLE autotrick_environments (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	facts JSON NOT NULL, 
	CONSTRAINT autotrick_environments_pkey PRIMARY KEY (id), 
	CONSTRAINT autotrick_environments_digest_key UNIQUE (digest)
);
INSERT INTO "autotrick_environments" VALUES(1,'4e697a4ce89b219f','{"autotrick": "0.1.0", "commit": "08c1d969a5dd364e77df53409ef164a3e06de918", "dirty": false, "python": "3.11.7", "torch": "2.14.1", "torchvision": "0.29.1", "timm": "1.0.31", "numpy": "2.4.6", "numba": "0.68.1", "ray": "2.60.0", "optuna": "5.0.0", "cuda": null, "platform": "Linux-6.18.44-fc-v657-x86_64-with-glibc2.36", "processor": "AMD EPYC", "vectors": "AVX512", "node": "the-host-of-then", "device": "cpu", "gpu": null}');
CREATE TABLE autotrick_refusals (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	recipe JSON NOT NULL, 
	measure VARCHAR NOT NULL, 
	value DOUBLE, 
	bound DOUBLE NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT autotrick_refusals_pkey PRIMARY KEY (study_id, number, place), 
	CONSTRAINT autotrick_refusals_study_id_fkey FOREIGN KEY(study_id) REFERENCES autotrick_studies (id) ON DELETE CASCADE
);
CREATE TABLE autotrick_reports (
	trial_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	accuracy DOUBLE NOT NULL, 
	loss DOUBLE, 
	train_loss DOUBLE, 
	lr DOUBLE, 
	seconds DOUBLE NOT NULL, 
	weights VARCHAR NOT NULL, 
	extra JSON NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT autotrick_reports_pkey PRIMARY KEY (trial_id, epoch), 
	CONSTRAINT autotrick_reports_trial_id_fkey FOREIGN KEY(trial_id) REFERENCES autotrick_trials (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "autotrick_reports" VALUES(1,1,1,3.17073170731707321134e-01,1.76681231455520459938e+00,2.18169617652893066406e+00,2.79508497187473704814e-02,1.7932924950000597164e+00,'b0526e99bead767a','{}','2026-11-30 08:04:02.288161');
INSERT INTO "autotrick_reports" VALUES(1,2,1,8.04878048780487853619e-01,5.73695219352270302515e-01,8.85141789913177490234e-01,2.79508497187473704814e-02,3.20538551000026927795e-01,'5d370f36c3e2d38c','{}','2026-11-30 08:04:02.683054');
INSERT INTO "autotrick_reports" VALUES(1,3,1,8.46689895470383313558e-01,4.96578415927155902842e-01,6.5963655710220336914e-01,2.79508497187473704814e-02,9.98870454000098106916e-01,'0664f4497d0b3c69','{}','2026-11-30 08:04:03.721482');
INSERT INTO "autotrick_reports" VALUES(1,4,1,8.36236933797909420817e-01,7.00237101378756499059e-01,0.477486252784729,2.79508497187473704814e-02,9.72247910003716242499e-02,'6a723517630cf793','{}','2026-11-30 08:04:04.116109');
INSERT INTO "autotrick_reports" VALUES(1,5,1,6.89895470383275255521e-01,2.49418783686302258928e+00,6.64255023002624511718e-01,2.79508497187473704814e-02,9.2463695999867923092e-02,'90275e70f911715f','{}','2026-11-30 08:04:04.116109');
INSERT INTO "autotrick_reports" VALUES(1,6,1,8.11846689895470374764e-01,6.12173791546439471922e-01,5.48401772975921630859e-01,2.79508497187473704814e-02,1.5004055500003232737e-01,'5d00f1b84abcf2aa','{}','2026-11-30 08:04:04.116109');
INSERT INTO "autotrick_reports" VALUES(2,1,1,3.69337979094076673813e-01,1.96579989655923337288e+00,2.27443599700927734375e+00,2.61297000349902733273e-02,4.50949636999666836345e-01,'df10283408e8f4f4','{"mixed_accuracy": 0.1478089839220047}','2026-11-30 08:04:04.640621');
INSERT INTO "autotrick_reports" VALUES(2,2,1,0.794425087108014,7.62579994334576460879e-01,1.5772247314453125e+00,2.10522021595968208962e-02,3.85276407000219478504e-01,'d27e7fae8e7f0127','{"mixed_accuracy": 0.5324630737304688}','2026-11-30 08:04:05.074765');
INSERT INTO "autotrick_reports" VALUES(2,3,2,9.02439024390243926809e-01,4.39842941869011350153e-01,1.18729805946350097656e+00,1.40784875215936820802e-02,6.12597700999685912393e-01,'304a980bb662e83d','{"mixed_accuracy": 0.7495583295822144}','2026-11-30 08:04:08.974606');
INSERT INTO "autotrick_reports" VALUES(2,4,2,9.23344947735191601267e-01,3.94836027032406888803e-01,9.63987231254577636718e-01,7.07715732647888791373e-03,3.38318914999945263843e-01,'80086a9939434324','{"mixed_accuracy": 0.8485949039459229}','2026-11-30 08:04:09.355615');
INSERT INTO "autotrick_reports" VALUES(2,5,2,9.33797909407665494008e-01,3.70701168472343189908e-01,9.291248321533203125e-01,1.92421234597709551149e-03,4.60209342999860382406e-01,'a095748d55cc1ce6','{"mixed_accuracy": 0.8593947887420654}','2026-11-30 08:04:09.856619');
INSERT INTO "autotrick_reports" VALUES(2,6,2,9.30313588850174233435e-01,3.52779933384486599212e-01,9.06025826930999755859e-01,3.80026255754261785731e-07,4.76678589000130159547e-01,'406ce4a3e31f7a28','{"mixed_accuracy": 0.8756282329559326}','2026-11-30 08:04:10.351235');
INSERT INTO "autotrick_reports" VALUES(3,1,1,4.77351916376306639744e-01,1.63601333671330584351e+00,2.17508196830749511718e+00,9.21005922416455458101e-02,6.25647225000193429877e-01,'618501d7b4f1b33c','{"mixed_accuracy": 0.2144850194454193}','2026-11-30 08:04:05.753531');
INSERT INTO "autotrick_reports" VALUES(3,2,1,6.55052264808362316728e-01,1.1172597001238566694e+00,1.70771944522857666015e+00,7.42036948106296473381e-02,4.77691179999965243041e-01,'fa9e576ab1986995','{"mixed_accuracy": 0.4853688180446625}','2026-11-30 08:04:06.260178');
INSERT INTO "autotrick_reports" VALUES(4,1,1,5.85365853658536550163e-01,1.33175818679224744478e+00,2.01178526878356933593e+00,0.058287185824199,3.04914744000143400626e-01,'f2ba61a8790a6d3b','{}','2026-11-30 08:04:06.600689');
INSERT INTO "autotrick_reports" VALUES(4,2,1,0.794425087108014,6.54161991558008470981e-01,1.06270003318786621093e+00,4.69608766132733890241e-02,8.76633625000067695509e-01,'d5788dbf1fccfb92','{}','2026-11-30 08:04:07.508567');
INSERT INTO "autotrick_reports" VALUES(4,3,2,9.05923344947735187382e-01,3.46697072949559037535e-01,8.28203737735748291015e-01,3.14047010564965853318e-02,5.7699248600010832888e-01,'9857637ae0e44979','{}','2026-11-30 08:04:11.375364');
INSERT INTO "autotrick_reports" VALUES(4,4,2,9.33797909407665494008e-01,3.24368041566855391799e-01,6.59599900245666503906e-01,1.57869238316236913666e-02,2.72478735999811760848e-01,'e26a7eaed590fcdc','{}','2026-11-30 08:04:11.735812');
INSERT INTO "autotrick_reports" VALUES(4,5,2,9.51219512195121907893e-01,2.69210336931075766564e-01,6.00968778133392333984e-01,4.29231573362861325987e-03,6.18290785000226605916e-01,'23e8144f5ad79460','{}','2026-11-30 08:04:12.376114');
INSERT INTO "autotrick_reports" VALUES(4,6,2,9.54703832752613279488e-01,2.6364760448708352003e-01,5.80689251422882080078e-01,8.477196813419705778e-07,4.45835010999871883541e-01,'34ee9417dec2fe98','{}','2026-11-30 08:04:12.835408');
INSERT INTO "autotrick_reports" VALUES(5,1,1,4.77351916376306639744e-01,1.4517933915301066694e+00,2.154735565185546875e+00,5.8982866486964151409e-02,4.41368767999847477767e-01,'2b7113d3a24a9226','{"mixed_accuracy": 0.20133759081363678}','2026-11-30 08:04:08.017359');
INSERT INTO "autotrick_reports" VALUES(5,2,1,7.90940766550522700306e-01,9.0079256383384143092e-01,1.53500580787658691406e+00,5.8982866486964151409e-02,2.78737778000049729598e-01,'7efe6f8991dcadd2','{"mixed_accuracy": 0.4901421368122101}','2026-11-30 08:04:08.301344');
INSERT INTO "autotrick_reports" VALUES(6,1,1,5.43554006968641090224e-01,1.22609272069631969337e+00,1.90280795097351074218e+00,6.63412677829185726263e-02,2.22693719999824679689e-01,'0a754ea2245593fe','{}','2026-11-30 08:04:10.634133');
INSERT INTO "autotrick_reports" VALUES(6,2,1,2.57839721254355391799e-01,1.98209947326872826245e+00,1.71462833881378173828e+00,5.34498972058509297378e-02,1.06893952000064018648e-01,'053bf29f4a062eb3','{}','2026-11-30 08:04:10.753043');
INSERT INTO "autotrick_reports" VALUES(7,1,1,3.17073170731707321134e-01,1.76681231455520459938e+00,2.18169617652893066406e+00,2.79508497187473704814e-02,1.07917870300025242613e+00,'b0526e99bead767a','{}','2026-11-30 08:04:45.225545');
INSERT INTO "autotrick_reports" VALUES(7,2,1,8.04878048780487853619e-01,5.73695219352270302515e-01,8.85141789913177490234e-01,2.79508497187473704814e-02,3.78377934000127424951e-01,'5d370f36c3e2d38c','{}','2026-11-30 08:04:45.653609');
INSERT INTO "autotrick_reports" VALUES(7,3,1,8.46689895470383313558e-01,4.96578415927155902842e-01,6.5963655710220336914e-01,2.79508497187473704814e-02,1.78969044000041321851e-01,'0664f4497d0b3c69','{}','2026-11-30 08:04:46.186186');
INSERT INTO "autotrick_reports" VALUES(7,4,1,8.36236933797909420817e-01,7.00237101378756499059e-01,0.477486252784729,2.79508497187473704814e-02,3.07447273999969183932e-01,'6a723517630cf793','{}','2026-11-30 08:04:46.186186');
INSERT INTO "autotrick_reports" VALUES(7,5,1,6.89895470383275255521e-01,2.49418783686302258928e+00,6.64255023002624511718e-01,2.79508497187473704814e-02,1.9438104399978328729e-01,'90275e70f911715f','{}','2026-11-30 08:04:47.021251');
INSERT INTO "autotrick_reports" VALUES(7,6,1,8.11846689895470374764e-01,6.12173791546439471922e-01,5.48401772975921630859e-01,2.79508497187473704814e-02,5.81484538000040629412e-01,'5d00f1b84abcf2aa','{}','2026-11-30 08:04:47.021251');
INSERT INTO "autotrick_reports" VALUES(8,1,1,3.69337979094076673813e-01,1.96579989655923337288e+00,2.27443599700927734375e+00,2.61297000349902733273e-02,1.6811664199985898449e-01,'df10283408e8f4f4','{"mixed_accuracy": 0.1478089839220047}','2026-11-30 08:04:47.245152');
INSERT INTO "autotrick_reports" VALUES(8,2,1,0.794425087108014,7.62579994334576460879e-01,1.5772247314453125e+00,2.10522021595968208962e-02,1.41193797999676462495e-01,'d27e7fae8e7f0127','{"mixed_accuracy": 0.5324630737304688}','2026-11-30 08:04:47.399002');
INSERT INTO "autotrick_reports" VALUES(9,1,1,4.77351916376306639744e-01,1.63601333671330584351e+00,2.17508196830749511718e+00,9.21005922416455458101e-02,1.83450940000057016732e-01,'618501d7b4f1b33c','{"mixed_accuracy": 0.2144850194454193}','2026-11-30 08:04:47.619317');
INSERT INTO "autotrick_reports" VALUES(11,1,1,3.17073170731707321134e-01,1.76681231455520459938e+00,2.18169617652893066406e+00,2.79508497187473704814e-02,2.7838813250000384869e+00,'b0526e99bead767a','{}','2026-11-30 08:05:34.403423');
INSERT INTO "autotrick_reports" VALUES(11,2,1,8.04878048780487853619e-01,5.73695219352270302515e-01,8.85141789913177490234e-01,2.79508497187473704814e-02,1.55864445000133855501e-01,'5d370f36c3e2d38c','{}','2026-11-30 08:05:34.777386');
INSERT INTO "autotrick_reports" VALUES(11,3,1,8.46689895470383313558e-01,4.96578415927155902842e-01,6.5963655710220336914e-01,2.79508497187473704814e-02,1.94950933999734843382e-01,'0664f4497d0b3c69','{}','2026-11-30 08:05:34.777386');
INSERT INTO "autotrick_reports" VALUES(11,4,1,8.36236933797909420817e-01,7.00237101378756499059e-01,0.477486252784729,2.79508497187473704814e-02,2.12279566999768576351e-01,'6a723517630cf793','{}','2026-11-30 08:05:35.248219');
INSERT INTO "autotrick_reports" VALUES(11,5,1,6.89895470383275255521e-01,2.49418783686302258928e+00,6.64255023002624511718e-01,2.79508497187473704814e-02,2.1159791799982485827e-01,'90275e70f911715f','{}','2026-11-30 08:05:35.248219');
INSERT INTO "autotrick_reports" VALUES(11,6,1,8.11846689895470374764e-01,6.12173791546439471922e-01,5.48401772975921630859e-01,2.79508497187473704814e-02,1.00335542799984978046e+00,'5d00f1b84abcf2aa','{}','2026-11-30 08:05:36.263860');
INSERT INTO "autotrick_reports" VALUES(12,1,1,3.69337979094076673813e-01,1.96579989655923337288e+00,2.27443599700927734375e+00,2.61297000349902733273e-02,6.60444458000256418017e-01,'df10283408e8f4f4','{"mixed_accuracy": 0.1478089839220047}','2026-11-30 08:05:37.015701');
INSERT INTO "autotrick_reports" VALUES(12,2,1,0.794425087108014,7.62579994334576460879e-01,1.5772247314453125e+00,2.10522021595968208962e-02,2.13992049999887967715e-01,'d27e7fae8e7f0127','{"mixed_accuracy": 0.5324630737304688}','2026-11-30 08:05:37.247134');
INSERT INTO "autotrick_reports" VALUES(12,3,2,9.02439024390243926809e-01,4.39842941869011350153e-01,1.18729805946350097656e+00,1.40784875215936820802e-02,2.52722476000144524732e-01,'304a980bb662e83d','{"mixed_accuracy": 0.7495583295822144}','2026-11-30 08:05:39.286533');
INSERT INTO "autotrick_reports" VALUES(12,4,2,9.23344947735191601267e-01,3.94836027032406888803e-01,9.63987231254577636718e-01,7.07715732647888791373e-03,1.86557638000067527173e-01,'80086a9939434324','{"mixed_accuracy": 0.8485949039459229}','2026-11-30 08:05:39.479251');
INSERT INTO "autotrick_reports" VALUES(12,5,3,9.33797909407665494008e-01,3.70701168472343189908e-01,9.291248321533203125e-01,1.92421234597709551149e-03,5.00635889000022871186e-01,'a095748d55cc1ce6','{"mixed_accuracy": 0.8593947887420654}','2026-11-30 08:05:41.908316');
INSERT INTO "autotrick_reports" VALUES(12,6,3,9.30313588850174233435e-01,3.52779933384486599212e-01,9.06025826930999755859e-01,3.80026255754261785731e-07,0.660904999000195,'406ce4a3e31f7a28','{"mixed_accuracy": 0.8756282329559326}','2026-11-30 08:05:42.625725');
INSERT INTO "autotrick_reports" VALUES(13,1,1,5.29616724738675936912e-01,1.19764757322517412241e+00,2.15440726280212402343e+00,5.87995782136279121488e-02,2.45764403999601199757e-01,'941191d6366393c3','{"mixed_accuracy": 0.21039214730262756}','2026-11-30 08:05:37.544227');
INSERT INTO "autotrick_reports" VALUES(13,2,1,8.15331010452961635337e-01,8.2483611954213853501e-01,1.42530429363250732421e+00,5.87995782136279121488e-02,4.48756360000061249593e-01,'b55d96a7130c354e','{"mixed_accuracy": 0.6369626522064209}','2026-11-30 08:05:38.028513');
INSERT INTO "autotrick_reports" VALUES(13,3,2,8.81533101045296141329e-01,4.8942193752381857319e-01,1.35160148143768310546e+00,5.87995782136279121488e-02,1.03585224400012521073e+00,'c0b0c29ea99eab1b','{"mixed_accuracy": 0.6890261769294739}','2026-11-30 08:05:40.604948');
INSERT INTO "autotrick_reports" VALUES(13,4,2,8.53658536585365834703e-01,5.04078296834168160245e-01,1.17156648635864257812e+00,5.87995782136279121488e-02,1.51570109999738633632e-01,'3dd6430924fede64','{"mixed_accuracy": 0.7664726972579956}','2026-11-30 08:05:40.768432');
INSERT INTO "autotrick_reports" VALUES(13,5,3,0.926829268292683,4.0686234530671550047e-01,1.11719346046447753906e+00,5.87995782136279121488e-02,9.37585599999692931305e-01,'70a63c8b3064ca57','{"mixed_accuracy": 0.7932101488113403}','2026-11-30 08:05:43.767505');
INSERT INTO "autotrick_reports" VALUES(13,6,3,9.05923344947735187382e-01,0.404563425309982,1.13358330726623535156e+00,5.87995782136279121488e-02,4.48282694000226911157e-01,'bf43d5e1eff0e95e','{"mixed_accuracy": 0.781955361366272}','2026-11-30 08:05:44.251325');
INSERT INTO "autotrick_reports" VALUES(14,1,1,6.06271777003484335644e-01,1.14454124530433354323e+00,2.01287984848022460937e+00,5.13882838618353460224e-02,3.8010951299975204165e-01,'a5dd9408e289809d','{}','2026-11-30 08:05:38.458945');
INSERT INTO "autotrick_reports" VALUES(14,2,1,8.78048780487804880756e-01,4.97835910278745630286e-01,1.02558636665344238281e+00,4.14025625646455078254e-02,4.13212562999888177728e-01,'63056fa4a42a26a8','{}','2026-11-30 08:05:38.964699');
INSERT INTO "autotrick_reports" VALUES(14,3,2,9.30313588850174233435e-01,3.21583631562023630756e-01,7.75224447250366210937e-01,2.76876241264218669879e-02,2.1078366499978073989e-01,'afe0252d9543bd3a','{}','2026-11-30 08:05:41.057450');
INSERT INTO "autotrick_reports" VALUES(14,4,2,9.44250871080139386748e-01,2.92454922240785619713e-01,6.53564333915710449218e-01,1.39183752259290048625e-02,2.34932297000341350212e-01,'f6fffe4a4c9e1368','{}','2026-11-30 08:05:41.335882');
INSERT INTO "autotrick_reports" VALUES(14,5,3,9.54703832752613279488e-01,2.56218195792274616717e-01,6.1070156097412109375e-01,3.78427498643713099493e-03,3.4395581899980243179e-01,'31db3250e10c2298','{}','2026-11-30 08:05:44.701869');
INSERT INTO "autotrick_reports" VALUES(14,6,3,9.51219512195121907893e-01,2.5704280839979853912e-01,5.9161001443862915039e-01,7.47383134115558322042e-07,0.262160550000317,'9a0581ab2ecc5b62','{}','2026-11-30 08:05:44.979900');
INSERT INTO "autotrick_reports" VALUES(15,1,1,3.17073170731707321134e-01,1.76681231455520459938e+00,2.18169617652893066406e+00,2.79508497187473704814e-02,1.01090154900002744393e+01,'b0526e99bead767a','{}','2026-11-30 08:06:58.316766');
INSERT INTO "autotrick_reports" VALUES(15,2,1,8.04878048780487853619e-01,5.73695219352270302515e-01,8.85141789913177490234e-01,2.79508497187473704814e-02,3.79574278999825764913e-01,'5d370f36c3e2d38c','{}','2026-11-30 08:06:58.726807');
INSERT INTO "autotrick_reports" VALUES(15,3,1,8.46689895470383313558e-01,4.96578415927155902842e-01,6.5963655710220336914e-01,2.79508497187473704814e-02,2.38787869000134378438e-01,'0664f4497d0b3c69','{}','2026-11-30 08:06:58.982488');
INSERT INTO "autotrick_reports" VALUES(15,4,1,8.36236933797909420817e-01,7.00237101378756499059e-01,0.477486252784729,2.79508497187473704814e-02,3.06227954999940266134e-01,'6a723517630cf793','{}','2026-11-30 08:06:59.327804');
INSERT INTO "autotrick_reports" VALUES(15,5,1,6.89895470383275255521e-01,2.49418783686302258928e+00,6.64255023002624511718e-01,2.79508497187473704814e-02,1.92731298000126116676e-01,'90275e70f911715f','{}','2026-11-30 08:06:59.810326');
INSERT INTO "autotrick_reports" VALUES(15,6,1,8.11846689895470374764e-01,6.12173791546439471922e-01,5.48401772975921630859e-01,2.79508497187473704814e-02,2.62622061999991274205e-01,'5d00f1b84abcf2aa','{}','2026-11-30 08:06:59.810326');
INSERT INTO "autotrick_reports" VALUES(16,1,1,3.69337979094076673813e-01,1.96579989655923337288e+00,2.27443599700927734375e+00,2.61297000349902733273e-02,3.33915074999822536483e-01,'df10283408e8f4f4','{"mixed_accuracy": 0.1478089839220047}','2026-11-30 08:07:00.196515');
INSERT INTO "autotrick_reports" VALUES(16,2,1,0.794425087108014,7.62579994334576460879e-01,1.5772247314453125e+00,2.10522021595968208962e-02,1.84513209000215283595e-01,'d27e7fae8e7f0127','{"mixed_accuracy": 0.5324630737304688}','2026-11-30 08:07:00.429017');
INSERT INTO "autotrick_reports" VALUES(17,1,1,5.29616724738675936912e-01,1.19764757322517412241e+00,2.15440726280212402343e+00,5.87995782136279121488e-02,2.73087908999968931311e-01,'941191d6366393c3','{"mixed_accuracy": 0.21039214730262756}','2026-11-30 08:07:00.739557');
CREATE TABLE autotrick_settings (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	value DOUBLE, 
	text VARCHAR, 
	CONSTRAINT autotrick_settings_pkey PRIMARY KEY (study_id, number, name), 
	CONSTRAINT autotrick_settings_study_id_fkey FOREIGN KEY(study_id) REFERENCES autotrick_studies (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "autotrick_settings" VALUES(1,1,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,3,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,5,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,1,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(1,3,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(1,5,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(1,1,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,3,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,1,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(1,3,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(1,1,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(1,2,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(1,3,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(1,1,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,4,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(1,1,'mixup.alpha',0.2,NULL);
INSERT INTO "autotrick_settings" VALUES(1,2,'mixup.alpha',9.32612980193827434405e-01,NULL);
INSERT INTO "autotrick_settings" VALUES(1,4,'mixup.alpha',9.70233232307355919488e-01,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,3,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(2,3,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,3,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(2,3,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(2,2,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(2,3,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(2,1,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(2,1,'mixup.alpha',0.2,NULL);
INSERT INTO "autotrick_settings" VALUES(2,2,'mixup.alpha',9.32612980193827434405e-01,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,3,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(3,3,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,2,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,3,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(3,2,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(3,3,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(3,2,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(3,3,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(3,1,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,2,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(3,1,'mixup.alpha',0.2,NULL);
INSERT INTO "autotrick_settings" VALUES(3,2,'mixup.alpha',3.35933376730549737576e-01,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,3,'cosine_decay',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(4,3,'cosine_decay.final',0.0,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,2,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,3,'label_smoothing',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(4,2,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(4,3,'label_smoothing.epsilon',0.1,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(4,2,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(4,3,'label_smoothing.variant',NULL,'k');
INSERT INTO "autotrick_settings" VALUES(4,1,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,2,'mixup',NULL,NULL);
INSERT INTO "autotrick_settings" VALUES(4,1,'mixup.alpha',0.2,NULL);
INSERT INTO "autotrick_settings" VALUES(4,2,'mixup.alpha',3.35933376730549737576e-01,NULL);
CREATE TABLE autotrick_studies (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	question TEXT NOT NULL, 
	space JSON NOT NULL, 
	space_digest VARCHAR NOT NULL, 
	metric VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	budget JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	trials INTEGER NOT NULL, 
	owner VARCHAR, 
	heartbeat DATETIME, 
	created DATETIME NOT NULL, archived BOOLEAN DEFAULT 0 NOT NULL, earlier_spaces JSON, ended TEXT, data JSON, 
	CONSTRAINT autotrick_studies_pkey PRIMARY KEY (id), 
	CONSTRAINT autotrick_studies_name_key UNIQUE (name)
);
INSERT INTO "autotrick_studies" VALUES(1,'whole_asha','Does a study that an earlier version began come to the same end?','{"name": "asha", "question": "Does a study that an earlier version began come to the same end?", "data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "augmentation": {"allowed": null, "forbidden": []}, "fixed": {"architecture": "lenet5", "batch_size": 16, "epochs": 6}, "search": {"base_lr": {"low": 0.1, "high": 2.0, "log": true}}, "architectures": {"lenet5": {"width": 0.25}}, "tricks": {"mixup": {"alpha": {"low": 0.05, "high": 1.0}}, "cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "slots": {}, "study": {"trials": 6, "sampler": "tpe", "priors": "own", "duplicates": "replicate", "warm_start": [], "enqueue": [], "seed": 5, "on_out_of_memory": "fail", "keep_checkpoints": 10, "checkpoint_quota_mb": null, "time_budget_min": null, "trial_hours": null, "cost_per_hour": null, "max_cost": null, "plateau": null}, "pruning": {"method": "asha", "first": 2, "factor": 2, "population": 8, "share": 0.25, "fidelity": "epochs"}, "recipes": [], "origins": {}}','52581e0d48b87828','accuracy',5,'{"trials": 6, "resources": {"address": null, "concurrency": 1, "cpus_per_trial": 1.0, "gpus_per_trial": 0.0, "data_dir": null, "storage": "@FOLDER@/files", "cache": null, "hang_limit_s": null}}','complete',6,NULL,NULL,'2026-11-30 08:03:40.685113',0,NULL,'all trials have been tried','{"classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "counts": {"train": [114, 117, 114, 117, 116, 117, 116, 114, 111, 115], "validation": [28, 29, 28, 29, 29, 29, 29, 29, 28, 29], "test": [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]}, "shape": [16, 16, 1], "carved": true, "decoding": 2, "notes": []}');
INSERT INTO "autotrick_studies" VALUES(2,'half_asha','Does a study that an earlier version began come to the same end?','{"name": "asha", "question": "Does a study that an earlier version began come to the same end?", "data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "augmentation": {"allowed": null, "forbidden": []}, "fixed": {"architecture": "lenet5", "batch_size": 16, "epochs": 6}, "search": {"base_lr": {"low": 0.1, "high": 2.0, "log": true}}, "architectures": {"lenet5": {"width": 0.25}}, "tricks": {"mixup": {"alpha": {"low": 0.05, "high": 1.0}}, "cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "slots": {}, "study": {"trials": 6, "sampler": "tpe", "priors": "own", "duplicates": "replicate", "warm_start": [], "enqueue": [], "seed": 5, "on_out_of_memory": "fail", "keep_checkpoints": 10, "checkpoint_quota_mb": null, "time_budget_min": null, "trial_hours": null, "cost_per_hour": null, "max_cost": null, "plateau": null}, "pruning": {"method": "asha", "first": 2, "factor": 2, "population": 8, "share": 0.25, "fidelity": "epochs"}, "recipes": [], "origins": {}}','52581e0d48b87828','accuracy',5,'{"trials": 6, "resources": {"address": null, "concurrency": 1, "cpus_per_trial": 1.0, "gpus_per_trial": 0.0, "data_dir": null, "storage": "@FOLDER@/files", "cache": null, "hang_limit_s": null}}','open',4,'the-host-of-then:4778:371257:4026531836','2026-11-30 08:04:42.784036','2026-11-30 08:04:32.752882',0,NULL,NULL,'{"classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "counts": {"train": [114, 117, 114, 117, 116, 117, 116, 114, 111, 115], "validation": [28, 29, 28, 29, 29, 29, 29, 29, 28, 29], "test": [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]}, "shape": [16, 16, 1], "carved": true, "decoding": 2, "notes": []}');
INSERT INTO "autotrick_studies" VALUES(3,'whole_population','Does a study that an earlier version began come to the same end?','{"name": "population", "question": "Does a study that an earlier version began come to the same end?", "data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "augmentation": {"allowed": null, "forbidden": []}, "fixed": {"architecture": "lenet5", "batch_size": 16, "epochs": 6}, "search": {"base_lr": {"low": 0.1, "high": 2.0, "log": true}}, "architectures": {"lenet5": {"width": 0.25}}, "tricks": {"mixup": {"alpha": {"low": 0.05, "high": 1.0}}, "cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "slots": {}, "study": {"trials": 6, "sampler": "tpe", "priors": "own", "duplicates": "replicate", "warm_start": [], "enqueue": [], "seed": 6, "on_out_of_memory": "fail", "keep_checkpoints": 10, "checkpoint_quota_mb": null, "time_budget_min": null, "trial_hours": null, "cost_per_hour": null, "max_cost": null, "plateau": null}, "pruning": {"method": "pbt", "first": 2, "factor": 3, "population": 3, "share": 0.25, "fidelity": "epochs"}, "recipes": [], "origins": {}}','52581e0d48b87828','accuracy',6,'{"trials": 6, "resources": {"address": null, "concurrency": 1, "cpus_per_trial": 1.0, "gpus_per_trial": 0.0, "data_dir": null, "storage": "@FOLDER@/files", "cache": null, "hang_limit_s": null}}','complete',4,NULL,NULL,'2026-11-30 08:05:14.652371',0,NULL,'the population has had its last generation: 2 trials are left that nothing can use','{"classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "counts": {"train": [114, 117, 114, 117, 116, 117, 116, 114, 111, 115], "validation": [28, 29, 28, 29, 29, 29, 29, 29, 28, 29], "test": [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]}, "shape": [16, 16, 1], "carved": true, "decoding": 2, "notes": []}');
INSERT INTO "autotrick_studies" VALUES(4,'half_population','Does a study that an earlier version began come to the same end?','{"name": "population", "question": "Does a study that an earlier version began come to the same end?", "data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "augmentation": {"allowed": null, "forbidden": []}, "fixed": {"architecture": "lenet5", "batch_size": 16, "epochs": 6}, "search": {"base_lr": {"low": 0.1, "high": 2.0, "log": true}}, "architectures": {"lenet5": {"width": 0.25}}, "tricks": {"mixup": {"alpha": {"low": 0.05, "high": 1.0}}, "cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "slots": {}, "study": {"trials": 6, "sampler": "tpe", "priors": "own", "duplicates": "replicate", "warm_start": [], "enqueue": [], "seed": 6, "on_out_of_memory": "fail", "keep_checkpoints": 10, "checkpoint_quota_mb": null, "time_budget_min": null, "trial_hours": null, "cost_per_hour": null, "max_cost": null, "plateau": null}, "pruning": {"method": "pbt", "first": 2, "factor": 3, "population": 3, "share": 0.25, "fidelity": "epochs"}, "recipes": [], "origins": {}}','52581e0d48b87828','accuracy',6,'{"trials": 6, "resources": {"address": null, "concurrency": 1, "cpus_per_trial": 1.0, "gpus_per_trial": 0.0, "data_dir": null, "storage": "@FOLDER@/files", "cache": null, "hang_limit_s": null}}','open',4,'the-host-of-then:6525:380533:4026531836','2026-11-30 08:06:57.812337','2026-11-30 08:06:12.604591',0,NULL,NULL,'{"classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "counts": {"train": [114, 117, 114, 117, 116, 117, 116, 114, 111, 115], "validation": [28, 29, 28, 29, 29, 29, 29, 29, 28, 29], "test": [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]}, "shape": [16, 16, 1], "carved": true, "decoding": 2, "notes": []}');
CREATE TABLE autotrick_trials (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	recipe JSON NOT NULL, 
	digest VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	origin VARCHAR NOT NULL, 
	value DOUBLE, 
	epochs INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, 
	attempts INTEGER NOT NULL, 
	parameters BIGINT, 
	weights VARCHAR, 
	reason TEXT, 
	created DATETIME NOT NULL, 
	finished DATETIME, architecture VARCHAR, batch_size BIGINT, base_lr DOUBLE, tricks TEXT, scaling_exponent DOUBLE, weight_decay DOUBLE, momentum DOUBLE, multiply_adds BIGINT, latency_ms DOUBLE, robustness DOUBLE, score DOUBLE, memory BIGINT, lr DOUBLE, accumulation BIGINT, 
	CONSTRAINT autotrick_trials_pkey PRIMARY KEY (id), 
	CONSTRAINT autotrick_trials_study_id_fkey FOREIGN KEY(study_id) REFERENCES autotrick_studies (id) ON DELETE CASCADE, 
	CONSTRAINT autotrick_trials_study_id_number_key UNIQUE (study_id, number)
);
INSERT INTO "autotrick_trials" VALUES(1,1,0,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','63eb5ab604999a25',0,'all tricks off',8.11846689895470374764e-01,6,3.45243054200045662582e+00,1,1637,'5d00f1b84abcf2aa',NULL,'2026-11-30 08:03:41.308841','2026-11-30 08:04:04.118126','lenet5',16,4.47213595499957927703e-01,' ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(2,1,1,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.2}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','46ec28ff43a5e57a',0,'published defaults',9.30313588850174233435e-01,6,2.72403059199950803304e+00,2,1637,'406ce4a3e31f7a28',NULL,'2026-11-30 08:03:43.404086','2026-11-30 08:04:10.352119','lenet5',16,4.47213595499957927703e-01,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(3,1,2,'pruned','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 1.5763149576499595, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.9326129801938274}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','68b4161ca717cd5f',0,'tpe',6.55052264808362316728e-01,2,1.10333840500015867291e+00,1,1637,'fa9e576ab1986995',NULL,'2026-11-30 08:04:04.153249','2026-11-30 08:04:12.879051','lenet5',16,1.57631495764995954722e+00,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,9.85196848531224717016e-02,1);
INSERT INTO "autotrick_trials" VALUES(4,1,3,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.997593616042593, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','048f38eb4dd2f822',0,'tpe',9.54703832752613279488e-01,6,3.09514538700022967532e+00,2,1637,'34ee9417dec2fe98',NULL,'2026-11-30 08:04:05.087229','2026-11-30 08:04:12.836292','lenet5',16,0.997593616042593,' cosine_decay label_smoothing ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,6.23496010026620625654e-02,1);
INSERT INTO "autotrick_trials" VALUES(5,1,4,'pruned','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.9437258637914264, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"mixup": {"alpha": 0.9702332323073559}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','eb2a4449947fda08',0,'tpe',7.90940766550522700306e-01,2,7.20106545999897207366e-01,1,1637,'7efe6f8991dcadd2',NULL,'2026-11-30 08:04:06.273898','2026-11-30 08:04:12.884160','lenet5',16,9.43725863791426422544e-01,' mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,5.8982866486964151409e-02,1);
INSERT INTO "autotrick_trials" VALUES(6,1,5,'pruned','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 1.1354403937088895, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','9f64713df1490d51',0,'tpe',2.57839721254355391799e-01,2,3.29587671999888698337e-01,1,1637,'053bf29f4a062eb3',NULL,'2026-11-30 08:04:08.311918','2026-11-30 08:04:12.887219','lenet5',16,1.13544039370888949491e+00,' cosine_decay ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,0.0709650246068056,1);
INSERT INTO "autotrick_trials" VALUES(7,2,0,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','63eb5ab604999a25',0,'all tricks off',8.11846689895470374764e-01,6,2.71983853700021427357e+00,1,1637,'5d00f1b84abcf2aa',NULL,'2026-11-30 08:04:32.848413','2026-11-30 08:04:47.022203','lenet5',16,4.47213595499957927703e-01,' ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(8,2,1,'waiting','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.2}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','46ec28ff43a5e57a',0,'published defaults',0.794425087108014,2,3.09310439999535446986e-01,1,1637,'d27e7fae8e7f0127',NULL,'2026-11-30 08:04:35.146587',NULL,'lenet5',16,4.47213595499957927703e-01,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(9,2,2,'running','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 1.5763149576499595, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.9326129801938274}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','68b4161ca717cd5f',0,'tpe',4.77351916376306639744e-01,1,1.83450940000057016732e-01,1,1637,'618501d7b4f1b33c',NULL,'2026-11-30 08:04:47.035515',NULL,'lenet5',16,1.57631495764995954722e+00,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,9.85196848531224717016e-02,1);
INSERT INTO "autotrick_trials" VALUES(10,2,3,'waiting','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.997593616042593, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','048f38eb4dd2f822',0,'tpe',NULL,0,0.0,0,NULL,NULL,NULL,'2026-11-30 08:04:47.426196',NULL,'lenet5',16,0.997593616042593,' cosine_decay label_smoothing ',1.0,0.0005,0.9,NULL,NULL,NULL,NULL,NULL,6.23496010026620625654e-02,1);
INSERT INTO "autotrick_trials" VALUES(11,3,0,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','63eb5ab604999a25',0,'all tricks off',8.11846689895470374764e-01,6,4.56192961699935,1,1637,'5d00f1b84abcf2aa',NULL,'2026-11-30 08:05:14.850183','2026-11-30 08:05:36.264766','lenet5',16,4.47213595499957927703e-01,' ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(12,3,1,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.2}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','46ec28ff43a5e57a',0,'published defaults',9.30313588850174233435e-01,6,2.47525751000057425699e+00,3,1637,'406ce4a3e31f7a28',NULL,'2026-11-30 08:05:22.526501','2026-11-30 08:05:42.626664','lenet5',16,4.47213595499957927703e-01,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(13,3,2,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.9407932514180466, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.33593337673054974}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','8f5fbf64b3fd4fb0',0,'tpe',9.05923344947735187382e-01,6,3.26781141199944613617e+00,3,1637,'bf43d5e1eff0e95e',NULL,'2026-11-30 08:05:36.297798','2026-11-30 08:05:44.252250','lenet5',16,9.4079325141804659438e-01,' label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,5.87995782136279121488e-02,1);
INSERT INTO "autotrick_trials" VALUES(14,3,3,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.8795179110992196, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','b5246e1180d985cc',0,'tpe',9.51219512195121907893e-01,6,1.84515440699988175765e+00,3,1637,'9a0581ab2ecc5b62',NULL,'2026-11-30 08:05:37.263995','2026-11-30 08:05:44.980815','lenet5',16,8.79517911099219618087e-01,' cosine_decay label_smoothing ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,5.49698694437012261304e-02,1);
INSERT INTO "autotrick_trials" VALUES(15,4,0,'complete','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','63eb5ab604999a25',0,'all tricks off',8.11846689895470374764e-01,6,1.14889589530002922401e+01,1,1637,'5d00f1b84abcf2aa',NULL,'2026-11-30 08:06:13.257064','2026-11-30 08:06:59.811369','lenet5',16,4.47213595499957927703e-01,' ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(16,4,1,'waiting','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.4472135954999579, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.2}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','46ec28ff43a5e57a',0,'published defaults',0.794425087108014,2,5.18428284000037820078e-01,1,1637,'d27e7fae8e7f0127',NULL,'2026-11-30 08:06:20.155500',NULL,'lenet5',16,4.47213595499957927703e-01,' cosine_decay label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,2.79508497187473704814e-02,1);
INSERT INTO "autotrick_trials" VALUES(17,4,2,'running','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.9407932514180466, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"label_smoothing": {"epsilon": 0.1, "variant": "k"}, "mixup": {"alpha": 0.33593337673054974}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','8f5fbf64b3fd4fb0',0,'tpe',5.29616724738675936912e-01,1,2.73087908999968931311e-01,1,1637,'941191d6366393c3',NULL,'2026-11-30 08:06:59.822378',NULL,'lenet5',16,9.4079325141804659438e-01,' label_smoothing mixup ',1.0,0.0005,0.9,17320,NULL,NULL,NULL,NULL,5.87995782136279121488e-02,1);
INSERT INTO "autotrick_trials" VALUES(18,4,3,'waiting','{"data": {"name": "digits", "fingerprint": "492a2ca6eb814479", "image_size": 16, "validation": 0.2, "split_seed": 0}, "architecture": "lenet5", "architecture_settings": {"width": 0.25}, "epochs": 6, "batch_size": 16, "accumulation": 1, "base_lr": 0.8795179110992196, "scaling_exponent": 1.0, "momentum": 0.9, "weight_decay": 0.0005, "tricks": {"cosine_decay": {"final": 0.0}, "label_smoothing": {"epsilon": 0.1, "variant": "k"}}, "seed": 0, "precision": "fp32", "threads": 1, "channels_last": true, "compiled": false}','b5246e1180d985cc',0,'tpe',NULL,0,0.0,0,NULL,NULL,NULL,'2026-11-30 08:07:00.449073',NULL,'lenet5',16,8.79517911099219618087e-01,' cosine_decay label_smoothing ',1.0,0.0005,0.9,NULL,NULL,NULL,NULL,NULL,5.49698694437012261304e-02,1);
CREATE INDEX autotrick_trials_study_id_digest_idx ON autotrick_trials (study_id, digest);
CREATE UNIQUE INDEX autotrick_attempts_open_idx ON autotrick_attempts (trial_id) WHERE state = 'open';
CREATE INDEX autotrick_trials_best_idx ON autotrick_trials (study_id, state, value DESC, seconds, number);
CREATE INDEX autotrick_trials_study_id_tricks_state_value_idx ON autotrick_trials (study_id, tricks, state, value);
CREATE INDEX autotrick_trials_score_idx ON autotrick_trials (study_id, state, score DESC, seconds, number) WHERE score IS NOT NULL;
CREATE INDEX autotrick_settings_value_idx ON autotrick_settings (study_id, name, value, text, number);
COMMIT;
