"""What people ask of the CFO."""

from palais.demo.tools import Task, fetch, read, run, send, write

TASKS = (
    Task(
        "Où en sommes-nous du budget du trimestre ?",
        (
            run(
                "hledger balance expenses -p thisquarter --depth 2",
                " 7412 €  matiere\n 3180 €  loyer\n  946 €  modeles",
                seconds=2.0,
            ),
            read("budget/trimestre.csv", "matiere;8000\nloyer;3180\nmodeles;1200"),
        ),
        "Nous avons engagé 11 538 € sur 12 380, soit 93 %, à neuf jours de la fin. La matière est "
        "le seul poste à surveiller ; les modèles de langage restent sous leur enveloppe.",
    ),
    Task(
        "Combien nous coûtent les agents ce mois-ci ?",
        (
            run(
                "openclaw usage cost --days 30 --by agent",
                "builder 41.20\nwriter 18.75\nconcierge 33.10\nautres 22.64",
                seconds=2.6,
            ),
            write("rapports/agents.csv", "builder;41.20\nconcierge;33.10\nwriter;18.75"),
        ),
        "115,69 $ sur trente jours, dont un tiers pour Imhotep. Le cache évite environ 60 % de la "
        "dépense. Passer les relances sur le petit modèle économiserait encore 9 $.",
    ),
    Task(
        "Relance les factures en retard, poliment.",
        (
            run(
                "hledger -f clients.journal register --pending",
                "FA-112  480 €  18 j\nFA-118  1 240 €  33 j",
                seconds=1.5,
            ),
            send("client Sika", "La facture FA-118 a dépassé son échéance. Un souci ?"),
        ),
        "Deux factures en retard, 1 720 € en tout. J’ai écrit pour la plus ancienne, sans reproche "
        "et avec un lien de paiement ; l’autre peut attendre lundi.",
    ),
    Task(
        "Chiffre l’ouverture d’un deuxième atelier.",
        (
            read("hypotheses/atelier-2.md", "Loyer 1 400, 8 séances, 9 élèves, 38 € net"),
            run("python3 modeles/seuil.py --atelier 2", "seuil: 5.4 seances/mois", seconds=2.4),
            write("rapports/atelier-2.md", "Seuil de rentabilité : 6 séances par mois."),
        ),
        "Le seuil est à six séances par mois ; l’hypothèse en prévoit huit. La marge de sécurité "
        "est mince si les groupes descendent à sept élèves. Je conseille un bail d’un an.",
    ),
    Task(
        "Rapproche la banque et la comptabilité.",
        (
            read("banque/releve.csv", "41 lignes, solde 6 208,14"),
            run("hledger print unmatched:", "2 écritures sans pièce", seconds=2.8),
        ),
        "Quarante et une lignes, trente-neuf rapprochées. Il manque deux justificatifs : un péage "
        "de 12,40 € et un achat de teinture de 86 €.",
    ),
    Task(
        "Prévois la trésorerie à trois mois.",
        (
            read("tresorerie/echeancier.csv", "loyer;1\nsalaires;28\nacompte Sika;15"),
            run("python3 modeles/tresorerie.py --mois 3", "min: 2140 (S7)", seconds=3.2),
        ),
        "Le point bas tombe la septième semaine, à 2 140 €. L’acompte Sika, s’il arrive à l’heure, "
        "l’écarte. Je propose d’encaisser les inscriptions du soir dès la réservation.",
    ),
    Task(
        "Vérifie la note de l’imprimeur.",
        (
            read("factures/imprimeur.txt", "300 affiches x 1,90 = 590,00"),
            read("devis/imprimeur.txt", "300 affiches x 1,90 = 570,00"),
        ),
        "Il y a une erreur de 20 € : trois cents affiches à 1,90 € font 570 €, comme au devis. "
        "J’ai préparé la demande d’avoir.",
    ),
    Task(
        "Quelles aides couvrent une partie de la formation ?",
        (
            fetch("https://aides.example/formation", "Prise en charge de 70 %, dossier en ligne"),
            read("formation/catalogue.md", "Teinture avancée : 1 150 €"),
        ),
        "L’aide couvre 70 % de la formation de teinture, soit 805 €. Le dossier se dépose avant le "
        "début du stage ; il me manque seulement le programme signé.",
    ),
)
