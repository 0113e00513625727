"""What people ask of Marketer, who looks after growth."""

from palais.demo.tools import Task, browse, fetch, read, run, search, send, spawn, write

TASKS = (
    Task(
        "Analyse la campagne de la semaine.",
        (
            run(
                "python3 rapports/campagne.py --jours 7",
                "vues 18240\nclics 412\ninscriptions 37\ncout 96.40",
                seconds=3.6,
            ),
            read("campagnes/objectifs.md", "Coût par inscription : 3 € au plus"),
        ),
        "412 clics pour 18 240 vues, soit 2,3 %, et 37 inscriptions à 2,61 €. L’objectif est tenu. "
        "Le visuel « mains » fait deux fois mieux que l’autre : je lui donne tout le budget.",
    ),
    Task(
        "Écris trois objets pour la newsletter et prévois un test.",
        (
            read("newsletter/brouillon.md", "# Ce mois-ci à l’atelier\nLa vannerie arrive…"),
            write("newsletter/objets.md", "A. La vannerie arrive\nB. Trois heures\nC. …"),
        ),
        "Trois objets : l’annonce, la promesse, la question. Test sur 20 % de la liste ; le "
        "meilleur part au reste après quatre heures.",
    ),
    Task(
        "Demande à Basquiat deux visuels carrés pour les portes ouvertes.",
        (
            spawn(
                "artist",
                "visuels-portes-ouvertes",
                Task(
                    "Décline l’affiche des portes ouvertes en deux visuels carrés.",
                    (
                        read("charte/formats.md", "Carré 1080, marge 90, titre deux lignes"),
                        write("visuels/carre.json", '{"formats": ["1080x1080"], "nombre": 2}'),
                    ),
                    "Deux carrés : l’un sur la matière, l’autre sur le geste. Le titre tient sur "
                    "deux lignes et se lit sur un téléphone.",
                ),
            ),
            send("#communication", "Les visuels carrés des portes ouvertes arrivent de Basquiat."),
        ),
        "Basquiat décline l’affiche en deux carrés. Dès qu’ils sont là, je programme la "
        "publication pour jeudi 18 h, notre meilleur créneau.",
    ),
    Task(
        "Pourquoi les inscriptions baissent-elles le mardi ?",
        (
            run(
                "sqlite3 stats.db 'select jour, sum(inscrits) from visites group by jour'",
                "lun|31\nmar|12\nmer|29\njeu|40",
                seconds=1.8,
            ),
            browse("https://atelier.example/inscription", "Bandeau de maintenance le mardi matin"),
        ),
        "Le mardi matin, un bandeau de maintenance couvre le bouton d’inscription. Ce n’est pas le "
        "public qui manque, c’est le bouton. J’ai prévenu Maintainer.",
    ),
    Task(
        "Quels mots cherchent les gens avant de nous trouver ?",
        (
            fetch("https://console.example/requetes", "atelier vannerie, cours poterie soir, …"),
            write("seo/requetes.csv", "requete;clics\natelier vannerie;64\ncours du soir;41"),
        ),
        "« Atelier vannerie » et « cours du soir » amènent la moitié des visites. Nous n’avons pas "
        "de page pour le second : c’est la prochaine à écrire.",
    ),
    Task(
        "Prépare le calendrier éditorial des quatre semaines.",
        (
            read("agenda/evenements.md", "S1 portes ouvertes\nS3 exposition raphia"),
            write("editorial/calendrier.md", "S1 coulisses\nS2 témoignage\nS3 expo\nS4 questions"),
        ),
        "Quatre semaines, deux publications chacune : une qui montre le geste, une qui répond à "
        "une question. L’exposition prend toute la troisième.",
    ),
    Task(
        "Regarde ce que fait l’atelier voisin sur les réseaux.",
        (
            browse("https://reseau.example/voisin", "3 vidéos par semaine, 1 200 vues en moyenne"),
            search("vidéo courte artisanat engagement", "Le geste lent retient", "7 s d’accroche"),
        ),
        "Trois vidéos courtes par semaine, toutes sur le geste, 1 200 vues chacune. Rien de cher : "
        "un trépied et de la patience. Nous pouvons faire mieux avec l’indigo.",
    ),
    Task(
        "Rédige le message de relance des paniers abandonnés.",
        (
            read("emails/relance.md", "Vous avez oublié quelque chose !"),
            write("emails/relance-v2.md", "Il reste deux places samedi. On vous en garde une ?"),
        ),
        "La relance ne reproche plus rien : elle dit qu’il reste deux places et propose d’en "
        "garder une jusqu’au soir. Envoi unique, trois heures après.",
    ),
)
