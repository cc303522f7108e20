"""Bibliography of tricks and architectures; each work appears once.

A constant's name is the first author, the year and a word of the title. A trick lists its works in
`papers` and names the part that it follows: `HE_2016_RESNET.at("section 4.2")`.
"""

from autotrick.tricks.declare import Paper

AMID_2019_BI_TEMPERED = Paper(
    "Robust Bi-Tempered Logistic Loss Based on Bregman Divergences",
    "Amid, Warmuth, Anil, Koren",
    2019,
    "https://arxiv.org/abs/1906.03361",
    "NeurIPS",
)
BENGIO_2009_CURRICULUM = Paper(
    "Curriculum Learning",
    "Bengio, Louradour, Collobert, Weston",
    2009,
    "https://doi.org/10.1145/1553374.1553380",
    "ICML",
)
BERMAN_2019_MULTIGRAIN = Paper(
    "MultiGrain: a unified image embedding for classes and instances",
    "Berman, Jegou, Vedaldi, Kokkinos, Douze",
    2019,
    "https://arxiv.org/abs/1902.05509",
)
BISHOP_1995_NOISE = Paper(
    "Training with Noise is Equivalent to Tikhonov Regularization",
    "Bishop",
    1995,
    "https://doi.org/10.1162/neco.1995.7.1.108",
    "Neural Computation 7",
)
BROCK_2017_FREEZEOUT = Paper(
    "FreezeOut: Accelerate Training by Progressively Freezing Layers",
    "Brock, Lim, Ritchie, Weston",
    2017,
    "https://arxiv.org/abs/1706.04983",
)
BROCK_2021_NFNETS = Paper(
    "High-Performance Large-Scale Image Recognition Without Normalization",
    "Brock, De, Smith, Simonyan",
    2021,
    "https://arxiv.org/abs/2102.06171",
    "ICML",
)
CHEN_2018_DEEPLAB = Paper(
    "DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous Convolution, and Fully Connected CRFs",
    "Chen, Papandreou, Kokkinos, Murphy, Yuille",
    2018,
    "https://arxiv.org/abs/1606.00915",
    "TPAMI",
)
CHEN_2020_GRIDMASK = Paper(
    "GridMask Data Augmentation",
    "Chen, Liu, Zhao, Jia",
    2020,
    "https://arxiv.org/abs/2001.04086",
)
CHEN_2020_SIMCLR = Paper(
    "A Simple Framework for Contrastive Learning of Visual Representations",
    "Chen, Kornblith, Norouzi, Hinton",
    2020,
    "https://arxiv.org/abs/2002.05709",
    "ICML",
)
CHEN_2023_LION = Paper(
    "Symbolic Discovery of Optimization Algorithms",
    "Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu, Le",
    2023,
    "https://arxiv.org/abs/2302.06675",
    "NeurIPS",
)
CIRESAN_2012_MULTI_COLUMN = Paper(
    "Multi-column Deep Neural Networks for Image Classification",
    "Ciresan, Meier, Schmidhuber",
    2012,
    "https://arxiv.org/abs/1202.2745",
    "CVPR",
)
COATES_2011_SINGLE_LAYER = Paper(
    "An Analysis of Single-Layer Networks in Unsupervised Feature Learning",
    "Coates, Ng, Lee",
    2011,
    "https://proceedings.mlr.press/v15/coates11a.html",
    "AISTATS",
)
CUBUK_2019_AUTOAUGMENT = Paper(
    "AutoAugment: Learning Augmentation Policies from Data",
    "Cubuk, Zoph, Mane, Vasudevan, Le",
    2019,
    "https://arxiv.org/abs/1805.09501",
    "CVPR",
)
CUBUK_2020_RANDAUGMENT = Paper(
    "RandAugment: Practical automated data augmentation with a reduced search space",
    "Cubuk, Zoph, Shlens, Le",
    2020,
    "https://arxiv.org/abs/1909.13719",
    "NeurIPS",
)
CUI_2019_CLASS_BALANCED = Paper(
    "Class-Balanced Loss Based on Effective Number of Samples",
    "Cui, Jia, Lin, Song, Belongie",
    2019,
    "https://arxiv.org/abs/1901.05555",
    "CVPR",
)
DEFAZIO_2022_MADGRAD = Paper(
    "Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for Stochastic Optimization",
    "Defazio, Jelassi",
    2022,
    "https://arxiv.org/abs/2101.11075",
    "JMLR",
)
DEVRIES_2017_CUTOUT = Paper(
    "Improved Regularization of Convolutional Neural Networks with Cutout",
    "DeVries, Taylor",
    2017,
    "https://arxiv.org/abs/1708.04552",
)
DIELEMAN_2015_GALAXIES = Paper(
    "Rotation-invariant convolutional neural networks for galaxy morphology prediction",
    "Dieleman, Willett, Dambre",
    2015,
    "https://arxiv.org/abs/1503.07077",
    "Monthly Notices of the RAS",
)
DOZAT_2016_NADAM = Paper(
    "Incorporating Nesterov Momentum into Adam",
    "Dozat",
    2016,
    "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    "ICLR workshop",
)
FORET_2021_SAM = Paper(
    "Sharpness-Aware Minimization for Efficiently Improving Generalization",
    "Foret, Kleiner, Mobahi, Neyshabur",
    2021,
    "https://arxiv.org/abs/2010.01412",
    "ICLR",
)
GASTALDI_2017_SHAKE_SHAKE = Paper(
    "Shake-Shake regularization",
    "Gastaldi",
    2017,
    "https://arxiv.org/abs/1705.07485",
)
GHIASI_2018_DROPBLOCK = Paper(
    "DropBlock: A regularization method for convolutional networks",
    "Ghiasi, Lin, Le",
    2018,
    "https://arxiv.org/abs/1810.12890",
    "NeurIPS",
)
GLOROT_2010_XAVIER = Paper(
    "Understanding the difficulty of training deep feedforward neural networks",
    "Glorot, Bengio",
    2010,
    "https://proceedings.mlr.press/v9/glorot10a.html",
    "AISTATS",
)
GOYAL_2017_LARGE_MINIBATCH = Paper(
    "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour",
    "Goyal, Dollar, Girshick, Noordhuis, Wesolowski, Kyrola, Tulloch, Jia, He",
    2017,
    "https://arxiv.org/abs/1706.02677",
)
HAEGELE_2024_SCALING_LAWS = Paper(
    "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations",
    "Haegele, Bakouch, Kosson, Ben Allal, von Werra, Jaggi",
    2024,
    "https://arxiv.org/abs/2405.18392",
    "NeurIPS",
)
HAN_2017_PYRAMIDNET = Paper(
    "Deep Pyramidal Residual Networks",
    "Han, Kim, Kim",
    2017,
    "https://arxiv.org/abs/1610.02915",
    "CVPR",
)
HARRIS_2020_FMIX = Paper(
    "FMix: Enhancing Mixed Sample Data Augmentation",
    "Harris, Marcu, Painter, Niranjan, Prugel-Bennett, Hare",
    2020,
    "https://arxiv.org/abs/2002.12047",
)
HENDRYCKS_2020_AUGMIX = Paper(
    "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty",
    "Hendrycks, Mu, Cubuk, Zoph, Gilmer, Lakshminarayanan",
    2020,
    "https://arxiv.org/abs/1912.02781",
    "ICLR",
)
HE_2015_KAIMING = Paper(
    "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification",
    "He, Zhang, Ren, Sun",
    2015,
    "https://arxiv.org/abs/1502.01852",
    "ICCV",
)
HE_2016_RESNET = Paper(
    "Deep Residual Learning for Image Recognition",
    "He, Zhang, Ren, Sun",
    2016,
    "https://arxiv.org/abs/1512.03385",
    "CVPR",
)
HE_2019_AUGMENTATION_REVISITED = Paper(
    "Data Augmentation Revisited: Rethinking the Distribution Gap between Clean and Augmented Data",
    "He, Xie, Chen, Zhang, Wang, Tian",
    2019,
    "https://arxiv.org/abs/1909.09148",
)
HE_2019_BAG_OF_TRICKS = Paper(
    "Bag of Tricks for Image Classification with Convolutional Neural Networks",
    "He, Zhang, Zhang, Zhang, Xie, Li",
    2019,
    "https://arxiv.org/abs/1812.01187",
    "CVPR",
)
HINTON_2015_DISTILLATION = Paper(
    "Distilling the Knowledge in a Neural Network",
    "Hinton, Vinyals, Dean",
    2015,
    "https://arxiv.org/abs/1503.02531",
)
HOFFER_2017_GHOST_NORM = Paper(
    "Train longer, generalize better: closing the generalization gap in large batch training of neural networks",
    "Hoffer, Hubara, Soudry",
    2017,
    "https://arxiv.org/abs/1705.08741",
    "NeurIPS",
)
HOFFER_2020_AUGMENT_YOUR_BATCH = Paper(
    "Augment Your Batch: Improving Generalization Through Instance Repetition",
    "Hoffer, Ben-Nun, Hubara, Giladi, Hoefler, Soudry",
    2020,
    "https://arxiv.org/abs/1901.09335",
    "CVPR",
)
HOWARD_2013_IMPROVEMENTS = Paper(
    "Some Improvements on Deep Convolutional Neural Network Based Image Classification",
    "Howard",
    2013,
    "https://arxiv.org/abs/1312.5402",
)
HOWARD_2018_ULMFIT = Paper(
    "Universal Language Model Fine-tuning for Text Classification",
    "Howard, Ruder",
    2018,
    "https://arxiv.org/abs/1801.06146",
    "ACL",
)
HO_2019_POPULATION_BASED_AUGMENTATION = Paper(
    "Population Based Augmentation: Efficient Learning of Augmentation Policy Schedules",
    "Ho, Liang, Stoica, Abbeel, Chen",
    2019,
    "https://arxiv.org/abs/1905.05393",
    "ICML",
)
HSUEH_2019_TANH_DECAY = Paper(
    "Stochastic Gradient Descent with Hyperbolic-Tangent Decay on Classification",
    "Hsueh, Li, Wu",
    2019,
    "https://arxiv.org/abs/1806.01593",
    "WACV",
)
HUANG_2016_STOCHASTIC_DEPTH = Paper(
    "Deep Networks with Stochastic Depth",
    "Huang, Sun, Liu, Sedra, Weinberger",
    2016,
    "https://arxiv.org/abs/1603.09382",
    "ECCV",
)
HUI_2021_SQUARE_LOSS = Paper(
    "Evaluation of Neural Architectures Trained with Square Loss vs Cross-Entropy in Classification Tasks",
    "Hui, Belkin",
    2021,
    "https://arxiv.org/abs/2006.07322",
    "ICLR",
)
HU_2018_SQUEEZE_EXCITE = Paper(
    "Squeeze-and-Excitation Networks",
    "Hu, Shen, Sun",
    2018,
    "https://arxiv.org/abs/1709.01507",
    "CVPR",
)
HU_2024_MINICPM = Paper(
    "MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies",
    "Hu, Tu, Han, He, Cui, Long, Zheng, Fang, Huang, Zhao, et al.",
    2024,
    "https://arxiv.org/abs/2404.06395",
)
IOFFE_2015_BATCH_NORM = Paper(
    "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
    "Ioffe, Szegedy",
    2015,
    "https://arxiv.org/abs/1502.03167",
    "ICML",
)
IZMAILOV_2018_SWA = Paper(
    "Averaging Weights Leads to Wider Optima and Better Generalization",
    "Izmailov, Podoprikhin, Garipov, Vetrov, Wilson",
    2018,
    "https://arxiv.org/abs/1803.05407",
    "UAI",
)
JIANG_2019_SELECTIVE_BACKPROP = Paper(
    "Accelerating Deep Learning by Focusing on the Biggest Losers",
    "Jiang, Wong, Zhou, Andersen, Dean, Ganger, Joshi, Kaminksy, Kozuch, Lipton, Pillai",
    2019,
    "https://arxiv.org/abs/1910.00762",
)
JORDAN_2024_AIRBENCH = Paper(
    "94% on CIFAR-10 in 3.29 Seconds on a Single GPU",
    "Jordan",
    2024,
    "https://arxiv.org/abs/2404.00498",
)
JORDAN_2024_MUON = Paper(
    "Muon: An optimizer for hidden layers in neural networks",
    "Jordan, Jin, Boza, You, Cesista, Newhouse, Bernstein",
    2024,
    "https://kellerjordan.github.io/posts/muon/",
)
KANG_2020_LONG_TAILED = Paper(
    "Decoupling Representation and Classifier for Long-Tailed Recognition",
    "Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis",
    2020,
    "https://arxiv.org/abs/1910.09217",
    "ICLR",
)
KAWAGUCHI_2018_DUAL_CUTOUT = Paper(
    "Generalization in Machine Learning via Analytical Learning Theory",
    "Kawaguchi, Bengio, Verma, Kaelbling",
    2018,
    "https://arxiv.org/abs/1802.07426",
)
KIM_2021_SELF_DISTILLATION = Paper(
    "Self-Knowledge Distillation with Progressive Refinement of Targets",
    "Kim, Ji, Yoon, Hwang",
    2021,
    "https://arxiv.org/abs/2006.12000",
    "ICCV",
)
KINGMA_2015_ADAM = Paper(
    "Adam: A Method for Stochastic Optimization",
    "Kingma, Ba",
    2015,
    "https://arxiv.org/abs/1412.6980",
    "ICLR",
)
KORNBLITH_2019_TRANSFER = Paper(
    "Do Better ImageNet Models Transfer Better?",
    "Kornblith, Shlens, Le",
    2019,
    "https://arxiv.org/abs/1805.08974",
    "CVPR",
)
KRIZHEVSKY_2012_ALEXNET = Paper(
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "Krizhevsky, Sutskever, Hinton",
    2012,
    "https://proceedings.neurips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    "NeurIPS",
)
KROGH_1991_WEIGHT_DECAY = Paper(
    "A Simple Weight Decay Can Improve Generalization",
    "Krogh, Hertz",
    1991,
    "https://proceedings.neurips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
    "NeurIPS",
)
LECUN_1998_LENET5 = Paper(
    "Gradient-based learning applied to document recognition",
    "LeCun, Bottou, Bengio, Haffner",
    1998,
    "https://doi.org/10.1109/5.726791",
    "Proceedings of the IEEE",
)
LENG_2022_POLYLOSS = Paper(
    "PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions",
    "Leng, Tan, Liu, Cubuk, Shi, Cheng, Anguelov",
    2022,
    "https://arxiv.org/abs/2204.12511",
    "ICLR",
)
LIN_2017_FOCAL_LOSS = Paper(
    "Focal Loss for Dense Object Detection",
    "Lin, Goyal, Girshick, He, Dollar",
    2017,
    "https://arxiv.org/abs/1708.02002",
    "ICCV",
)
LIU_2020_RADAM = Paper(
    "On the Variance of the Adaptive Learning Rate and Beyond",
    "Liu, Jiang, He, Chen, Liu, Gao, Han",
    2020,
    "https://arxiv.org/abs/1908.03265",
    "ICLR",
)
LOSHCHILOV_2017_SGDR = Paper(
    "SGDR: Stochastic Gradient Descent with Warm Restarts",
    "Loshchilov, Hutter",
    2017,
    "https://arxiv.org/abs/1608.03983",
    "ICLR",
)
LOSHCHILOV_2019_ADAMW = Paper(
    "Decoupled Weight Decay Regularization",
    "Loshchilov, Hutter",
    2019,
    "https://arxiv.org/abs/1711.05101",
    "ICLR",
)
LUO_2019_ADABOUND = Paper(
    "Adaptive Gradient Methods with Dynamic Bound of Learning Rate",
    "Luo, Xiong, Liu, Sun",
    2019,
    "https://arxiv.org/abs/1902.09843",
    "ICLR",
)
MISRA_2020_MISH = Paper(
    "Mish: A Self Regularized Non-Monotonic Activation Function",
    "Misra",
    2020,
    "https://arxiv.org/abs/1908.08681",
    "BMVC",
)
MOSAICML_2021_COLOUT = Paper(
    "ColOut",
    "MosaicML Composer",
    2021,
    "https://docs.mosaicml.com/projects/composer/en/stable/method_cards/colout.html",
)
MUELLER_2021_TRIVIALAUGMENT = Paper(
    "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation",
    "Mueller, Hutter",
    2021,
    "https://arxiv.org/abs/2103.10158",
    "ICCV",
)
PASCANU_2013_CLIPPING = Paper(
    "On the difficulty of training recurrent neural networks",
    "Pascanu, Mikolov, Bengio",
    2013,
    "https://arxiv.org/abs/1211.5063",
    "ICML",
)
PEREYRA_2017_CONFIDENCE_PENALTY = Paper(
    "Regularizing Neural Networks by Penalizing Confident Output Distributions",
    "Pereyra, Tucker, Chorowski, Kaiser, Hinton",
    2017,
    "https://arxiv.org/abs/1701.06548",
    "ICLR workshop",
)
POLYAK_1992_AVERAGING = Paper(
    "Acceleration of Stochastic Approximation by Averaging",
    "Polyak, Juditsky",
    1992,
    "https://doi.org/10.1137/0330046",
    "SIAM",
)
PRECHELT_1998_EARLY_STOPPING = Paper(
    "Early Stopping - But When?",
    "Prechelt",
    1998,
    "https://doi.org/10.1007/3-540-49430-8_3",
    "in Neural Networks: Tricks of the Trade",
)
QIAO_2019_WEIGHT_STANDARDISATION = Paper(
    "Micro-Batch Training with Batch-Channel Normalization and Weight Standardization",
    "Qiao, Wang, Liu, Shen, Yuille",
    2019,
    "https://arxiv.org/abs/1903.10520",
)
QIN_2020_RESIZEMIX = Paper(
    "ResizeMix: Mixing Data with Preserved Object Information and True Labels",
    "Qin, Fang, Zhang, Liu, Wang, Wang",
    2020,
    "https://arxiv.org/abs/2012.11101",
)
RAGHU_2017_SVCCA = Paper(
    "SVCCA: Singular Vector Canonical Correlation Analysis for Deep Learning Dynamics and Interpretability",
    "Raghu, Gilmer, Yosinski, Sohl-Dickstein",
    2017,
    "https://arxiv.org/abs/1706.05806",
    "NeurIPS",
)
RAMACHANDRAN_2017_SWISH = Paper(
    "Searching for Activation Functions",
    "Ramachandran, Zoph, Le",
    2017,
    "https://arxiv.org/abs/1710.05941",
)
RATNER_2017_COMPOSE = Paper(
    "Learning to Compose Domain-Specific Transformations for Data Augmentation",
    "Ratner, Ehrenberg, Hussain, Dunnmon, Re",
    2017,
    "https://arxiv.org/abs/1709.01643",
    "NeurIPS",
)
REED_2015_BOOTSTRAPPING = Paper(
    "Training Deep Neural Networks on Noisy Labels with Bootstrapping",
    "Reed, Lee, Anguelov, Szegedy, Erhan, Rabinovich",
    2015,
    "https://arxiv.org/abs/1412.6596",
    "ICLR workshop",
)
SAXE_2014_ORTHOGONAL = Paper(
    "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    "Saxe, McClelland, Ganguli",
    2014,
    "https://arxiv.org/abs/1312.6120",
    "ICLR",
)
SHORTEN_2019_SURVEY = Paper(
    "A survey on Image Data Augmentation for Deep Learning",
    "Shorten, Khoshgoftaar",
    2019,
    "https://doi.org/10.1186/s40537-019-0197-0",
    "Journal of Big Data",
)
SIMARD_2003_BEST_PRACTICES = Paper(
    "Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis",
    "Simard, Steinkraus, Platt",
    2003,
    "https://doi.org/10.1109/ICDAR.2003.1227801",
    "ICDAR",
)
SIMONYAN_2015_VGG = Paper(
    "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    "Simonyan, Zisserman",
    2015,
    "https://arxiv.org/abs/1409.1556",
    "ICLR",
)
SINGH_2017_HIDE_AND_SEEK = Paper(
    "Hide-and-Seek: Forcing a Network to be Meticulous for Weakly-supervised Object and Action Localization",
    "Singh, Lee",
    2017,
    "https://arxiv.org/abs/1704.04232",
    "ICCV",
)
SMITH_2017_CYCLICAL_RATES = Paper(
    "Cyclical Learning Rates for Training Neural Networks",
    "Smith",
    2017,
    "https://arxiv.org/abs/1506.01186",
    "WACV",
)
SMITH_2017_SUPER_CONVERGENCE = Paper(
    "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
    "Smith, Topin",
    2017,
    "https://arxiv.org/abs/1708.07120",
)
SMITH_2018_DISCIPLINED = Paper(
    "A disciplined approach to neural network hyper-parameters: Part 1",
    "Smith",
    2018,
    "https://arxiv.org/abs/1803.09820",
)
SMITH_2018_INCREASE_BATCH = Paper(
    "Don't Decay the Learning Rate, Increase the Batch Size",
    "Smith, Kindermans, Ying, Le",
    2018,
    "https://arxiv.org/abs/1711.00489",
    "ICLR",
)
SORSCHER_2022_PRUNING = Paper(
    "Beyond neural scaling laws: beating power law scaling via data pruning",
    "Sorscher, Geirhos, Shekhar, Ganguli, Morcos",
    2022,
    "https://arxiv.org/abs/2206.14486",
    "NeurIPS",
)
SRIVASTAVA_2014_DROPOUT = Paper(
    "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov",
    2014,
    "https://jmlr.org/papers/v15/srivastava14a.html",
    "JMLR",
)
SUTSKEVER_2013_MOMENTUM = Paper(
    "On the importance of initialization and momentum in deep learning",
    "Sutskever, Martens, Dahl, Hinton",
    2013,
    "https://proceedings.mlr.press/v28/sutskever13.html",
    "ICML",
)
SZEGEDY_2015_GOING_DEEPER = Paper(
    "Going Deeper with Convolutions",
    "Szegedy et al.",
    2015,
    "https://arxiv.org/abs/1409.4842",
    "CVPR",
)
SZEGEDY_2016_INCEPTION = Paper(
    "Rethinking the Inception Architecture for Computer Vision",
    "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
    2016,
    "https://arxiv.org/abs/1512.00567",
    "CVPR",
)
TAKAHASHI_2018_RICAP = Paper(
    "Data Augmentation using Random Image Cropping and Patching for Deep CNNs",
    "Takahashi, Matsubara, Uehara",
    2018,
    "https://arxiv.org/abs/1811.09030",
    "ACML",
)
TAN_2019_EFFICIENTNET = Paper(
    "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    "Tan, Le",
    2019,
    "https://arxiv.org/abs/1905.11946",
    "ICML",
)
TAN_2021_EFFICIENTNETV2 = Paper(
    "EfficientNetV2: Smaller Models and Faster Training",
    "Tan, Le",
    2021,
    "https://arxiv.org/abs/2104.00298",
    "ICML",
)
TIBSHIRANI_1996_LASSO = Paper(
    "Regression Shrinkage and Selection via the Lasso",
    "Tibshirani",
    1996,
    "https://doi.org/10.1111/j.2517-6161.1996.tb02080.x",
    "Journal of the Royal Statistical Society B",
)
TIELEMAN_2012_RMSPROP = Paper(
    "Lecture 6.5 - RMSProp: Divide the gradient by a running average of its recent magnitude",
    "Tieleman, Hinton",
    2012,
    "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    "Coursera",
)
TORCHVISION_2016 = Paper(
    "TorchVision: PyTorch's Computer Vision library",
    "TorchVision maintainers and contributors",
    2016,
    "https://docs.pytorch.org/vision/stable/models.html",
)
TOUVRON_2022_DEIT_III = Paper(
    "DeiT III: Revenge of the ViT",
    "Touvron, Cord, Jegou",
    2022,
    "https://arxiv.org/abs/2204.07118",
    "ECCV",
)
VEELING_2018_ROTATION = Paper(
    "Rotation Equivariant CNNs for Digital Pathology",
    "Veeling, Linmans, Winkens, Cohen, Welling",
    2018,
    "https://arxiv.org/abs/1806.03962",
    "MICCAI",
)
VERMA_2019_MANIFOLD_MIXUP = Paper(
    "Manifold Mixup: Better Representations by Interpolating Hidden States",
    "Verma, Lamb, Beckham, Najafi, Mitliagkas, Lopez-Paz, Bengio",
    2019,
    "https://arxiv.org/abs/1806.05236",
    "ICML",
)
VINCENT_2010_DENOISING = Paper(
    "Stacked Denoising Autoencoders",
    "Vincent, Larochelle, Lajoie, Bengio, Manzagol",
    2010,
    "https://jmlr.org/papers/v11/vincent10a.html",
    "JMLR 11",
)
WIGHTMAN_2019_TIMM = Paper(
    "PyTorch Image Models",
    "Wightman",
    2019,
    "https://huggingface.co/docs/timm/",
)
WIGHTMAN_2021_RESNET_STRIKES_BACK = Paper(
    "ResNet strikes back: An improved training procedure in timm",
    "Wightman, Touvron, Jegou",
    2021,
    "https://arxiv.org/abs/2110.00476",
)
WU_2015_DEEP_IMAGE = Paper(
    "Deep Image: Scaling up Image Recognition",
    "Wu, Yan, Shan, Dang, Sun",
    2015,
    "https://arxiv.org/abs/1501.02876",
)
WU_2018_GROUP_NORM = Paper(
    "Group Normalization",
    "Wu, He",
    2018,
    "https://arxiv.org/abs/1803.08494",
    "ECCV",
)
WU_2021_WHEN_DO_CURRICULA_WORK = Paper(
    "When Do Curricula Work?",
    "Wu, Dyer, Neyshabur",
    2021,
    "https://arxiv.org/abs/2012.03107",
    "ICLR",
)
XIE_2022_ADAN = Paper(
    "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models",
    "Xie, Zhou, Li, Lin, Yan",
    2022,
    "https://arxiv.org/abs/2208.06677",
)
YAMADA_2018_SHAKEDROP = Paper(
    "ShakeDrop Regularization for Deep Residual Learning",
    "Yamada, Iwamura, Akiba, Kise",
    2018,
    "https://arxiv.org/abs/1802.02375",
)
YONG_2020_CENTRALISATION = Paper(
    "Gradient Centralization: A New Optimization Technique for Deep Neural Networks",
    "Yong, Huang, Hua, Zhang",
    2020,
    "https://arxiv.org/abs/2004.01461",
    "ECCV",
)
YOSINSKI_2014_TRANSFERABLE = Paper(
    "How transferable are features in deep neural networks?",
    "Yosinski, Clune, Bengio, Lipson",
    2014,
    "https://arxiv.org/abs/1411.1792",
    "NeurIPS",
)
YOU_2017_LARS = Paper(
    "Large Batch Training of Convolutional Networks",
    "You, Gitman, Ginsburg",
    2017,
    "https://arxiv.org/abs/1708.03888",
)
YOU_2020_LAMB = Paper(
    "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes",
    "You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer, Hsieh",
    2020,
    "https://arxiv.org/abs/1904.00962",
    "ICLR",
)
YUN_2019_CUTMIX = Paper(
    "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features",
    "Yun, Han, Oh, Chun, Choe, Yoo",
    2019,
    "https://arxiv.org/abs/1905.04899",
    "ICCV",
)
ZAGORUYKO_2016_WIDE_RESNET = Paper(
    "Wide Residual Networks",
    "Zagoruyko, Komodakis",
    2016,
    "https://arxiv.org/abs/1605.07146",
    "BMVC",
)
ZHANG_2018_MIXUP = Paper(
    "mixup: Beyond Empirical Risk Minimization",
    "Zhang, Cisse, Dauphin, Lopez-Paz",
    2018,
    "https://arxiv.org/abs/1710.09412",
    "ICLR",
)
ZHANG_2019_BLUR_POOL = Paper(
    "Making Convolutional Networks Shift-Invariant Again",
    "Zhang",
    2019,
    "https://arxiv.org/abs/1904.11486",
    "ICML",
)
ZHANG_2019_LOOKAHEAD = Paper(
    "Lookahead Optimizer: k steps forward, 1 step back",
    "Zhang, Lucas, Hinton, Ba",
    2019,
    "https://arxiv.org/abs/1907.08610",
    "NeurIPS",
)
ZHENG_2016_STABILITY = Paper(
    "Improving the Robustness of Deep Neural Networks via Stability Training",
    "Zheng, Song, Leung, Goodfellow",
    2016,
    "https://arxiv.org/abs/1604.04326",
    "CVPR",
)
ZHONG_2020_RANDOM_ERASING = Paper(
    "Random Erasing Data Augmentation",
    "Zhong, Zheng, Kang, Li, Yang",
    2020,
    "https://arxiv.org/abs/1708.04896",
    "AAAI",
)
