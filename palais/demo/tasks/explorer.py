"""What people ask of R2D2, the explorer."""

from palais.demo.tools import Task, browse, fetch, read, run, search, write

TASKS = (
    Task(
        "Que font les écoles d’artisanat en Europe pour les cours du soir ?",
        (
            search("evening craft school Europe", "Berlin : 14 ateliers", "Lisbonne : résidences"),
            browse("https://ecoles.example/berlin", "Cours 18 h-21 h, 9 élèves, 240 € le cycle"),
            fetch("https://ecoles.example/lisbonne", "Résidence de 6 semaines, atelier ouvert"),
        ),
        "Deux modèles dominent : le cycle court du soir, à Berlin, et la résidence ouverte, à "
        "Lisbonne. Le premier remplit mieux ; le second fidélise. Prix médian : 240 € le cycle.",
    ),
    Task(
        "Surveille les prix du raphia et dis-moi s’ils bougent.",
        (
            fetch("https://matieres.example/raphia", "Madagascar, prime : 9,80 €/kg (+4 %)"),
            run("tail -4 veille/raphia.csv", "9.10\n9.25\n9.42\n9.80", seconds=0.7),
            write("veille/raphia.csv", "9.10\n9.25\n9.42\n9.80"),
        ),
        "Le prix monte pour la quatrième semaine : 9,80 € le kilo, soit 8 % depuis le début du "
        "mois. La saison n’explique que la moitié ; une commande groupée se discute.",
    ),
    Task(
        "Trouve des fournisseurs d’indigo naturel en moins de deux heures de train.",
        (
            search("indigo naturel producteur", "Pastel du Lauragais", "Teinturerie des Landes"),
            browse("https://pastel.example/visite", "Visite le mercredi, minimum 2 kg"),
        ),
        "Deux producteurs répondent au critère. Le premier vend à partir de deux kilos et reçoit "
        "le mercredi ; le second ne livre qu’au printemps.",
    ),
    Task(
        "Compare trois outils de réservation en ligne.",
        (
            search("logiciel réservation ateliers comparatif", "A : 19 €", "B : 2 %", "C : libre"),
            browse("https://outil-c.example/demo", "Démo : calendrier, liste d’attente, export"),
            write("veille/reservation.md", "| outil | prix | attente |\n|---|---|---|"),
        ),
        "Le troisième, libre, fait l’essentiel et rend les données. Le premier est plus poli mais "
        "enferme ; le deuxième coûte cher dès trente inscriptions.",
    ),
    Task(
        "Y a-t-il des appels à projets ouverts pour les métiers d’art ?",
        (
            fetch("https://appels.example/metiers-art", "3 appels, clôture dans 12, 30 et 45 j"),
            read("projets/ecole-du-soir.md", "Budget 18 000 €, autofinancement 40 %"),
        ),
        "Trois appels sont ouverts ; un seul admet 40 % d’autofinancement. Il clôt dans trente "
        "jours et demande un budget sur deux ans : c’est jouable.",
    ),
    Task(
        "Cartographie les ateliers partagés de la ville.",
        (
            search("atelier partagé ville liste", "12 lieux recensés", "carte participative"),
            run(
                "python3 carte.py --sortie carte.geojson",
                "12 points, 1 adresse introuvable",
                seconds=3.8,
            ),
        ),
        "Onze lieux sur douze sont placés ; l’adresse du dernier n’existe plus. Le nord-est n’a "
        "rien : c’est peut-être notre place.",
    ),
    Task(
        "Que disent les avis sur nos concurrents directs ?",
        (
            browse("https://avis.example/ateliers", "318 avis, note moyenne 4,3"),
            write("veille/avis.md", "Éloges : accueil, matière. Reproches : bruit, retards."),
        ),
        "Sur 318 avis, l’accueil et la matière sont loués ; le bruit et les retards reviennent "
        "dans un avis sur cinq. Des groupes plus petits répondraient aux deux.",
    ),
    Task(
        "Trouve la source de ce motif en losange.",
        (
            read("images/motif.txt", "losanges entrelacés, bordure brisée, or sur brun"),
            search("motif losange entrelacé Kuba Shoowa", "Velours Shoowa", "Musée, cote 1938-12"),
        ),
        "C’est un motif shoowa, dit « imbol », l’entrelacs. Deux musées en montrent de proches, "
        "datés de la première moitié du siècle dernier. L’attribution reste prudente.",
    ),
)
