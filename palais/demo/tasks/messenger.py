"""What people ask of Hermes, the bridge between systems."""

from palais.demo.tools import Task, fetch, read, recall, run, send, spawn, write

TASKS = (
    Task(
        "Transmets le planning de la semaine à l’équipe.",
        (
            read("planning/semaine.md", "Lun vannerie. Mer teinture. Ven école du soir."),
            send("#equipe", "Cette semaine : lundi vannerie, mercredi teinture, vendredi le soir."),
        ),
        "Le planning est dans le canal de l’équipe, et en message direct pour les deux personnes "
        "qui n’y sont pas. Tous l’ont reçu.",
    ),
    Task(
        "Synchronise les inscriptions avec le tableur partagé.",
        (
            run(
                "python3 ponts/inscriptions.py --depuis hier",
                "14 lues, 13 écrites, 1 doublon ignoré",
                seconds=4.4,
            ),
            write("ponts/etat.json", '{"curseur": 4182}'),
        ),
        "Quatorze inscriptions lues, treize écrites ; la dernière était un doublon, reconnu à son "
        "numéro. La prochaine synchronisation reprendra au bon endroit.",
    ),
    Task(
        "Le pont vers la messagerie a perdu des messages. Retrouve-les.",
        (
            run("tail -50 ponts/journal.log | grep -c retry", "3", seconds=0.9),
            fetch("https://messagerie.example/api/file", "3 messages en attente"),
            run("python3 ponts/rejouer.py --file attente", "3 rejoués, 0 échec", seconds=3.0),
        ),
        "Trois messages attendaient dans la file après une coupure de quarante secondes. Ils sont "
        "partis, dans l’ordre et sans doublon.",
    ),
    Task(
        "Traduis en anglais le message pour nos partenaires de Lisbonne.",
        (
            read("messages/lisbonne.md", "Nous serions heureux de vous accueillir en mars."),
            send("Lisbonne", "We would be delighted to welcome you in March."),
        ),
        "Le message est parti en anglais, avec le même ton que l’original. J’ai joint la version "
        "française pour mémoire.",
    ),
    Task(
        "Demande au CFO si l’acompte Sika est arrivé et réponds au client.",
        (
            spawn(
                "cfo",
                "acompte-sika",
                Task(
                    "L’acompte Sika est-il arrivé ?",
                    (read("banque/releve.csv", "15 : virement SIKA +620,00"),),
                    "Oui : un virement de 620 € est arrivé le 15, du montant attendu. La commande "
                    "peut partir.",
                ),
            ),
            recall("client Sika", "1 résultat : préfère le courriel, vouvoiement"),
        ),
        "J’ai posé la question au CFO et prévenu le client que sa réponse suit dans la journée, "
        "par courriel comme il le préfère.",
    ),
    Task(
        "Branche le formulaire du site sur la boîte de l’accueil.",
        (
            write("ponts/formulaire.yml", "source: site/contact\nvers: accueil@atelier.example"),
            run("python3 ponts/essai.py formulaire", "202 Accepted, id 9f3c", seconds=2.4),
        ),
        "Le formulaire arrive maintenant dans la boîte de l’accueil, avec l’adresse de réponse du "
        "visiteur. L’essai est passé en moins d’une seconde.",
    ),
    Task(
        "Résume les messages non lus de la matinée.",
        (
            fetch(
                "https://messagerie.example/api/nonlus", "9 messages : 4 devis, 3 merci, 2 autres"
            ),
            recall("priorités", "1 résultat : devis avant midi"),
        ),
        "Neuf messages : quatre demandes de devis, trois remerciements, deux questions d’horaires. "
        "Les devis sont chez le CFO ; j’ai répondu aux horaires.",
    ),
    Task(
        "Préviens les inscrits que la séance de samedi change de salle.",
        (
            read("seances/samedi.csv", "9 inscrits, 7 téléphones, 2 courriels"),
            send("inscrits du samedi", "Samedi, rendez-vous salle du fond, même heure."),
            run("python3 ponts/accuses.py --seance samedi", "9/9 reçus", seconds=2.0),
        ),
        "Les neuf inscrits sont prévenus, sept par message et deux par courriel. Tous les accusés "
        "de réception sont revenus.",
    ),
)
