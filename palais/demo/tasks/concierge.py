"""What people ask of Mobutoo, who conducts the others."""

from palais.demo.tools import Task, read, recall, run, send, spawn, write

TASKS = (
    Task(
        "Prépare l’ordre du jour du conseil de demain.",
        (
            read("agenda/conseil.md", "- budget du trimestre\n- refonte du site\n- recrutement"),
            recall("décisions en suspens", "2 résultats : choix de l’hébergeur ; tarif atelier"),
            write("agenda/demain.md", "1. Hébergeur\n2. Tarif atelier\n3. Refonte\n4. Divers"),
        ),
        "L’ordre du jour est prêt : quatre points, cinquante minutes. J’ai placé en tête les deux "
        "décisions en suspens, pour que le conseil commence par ce qui bloque les autres.",
    ),
    Task(
        "Confie à R2D2 une veille sur les batteries au sodium et dis-moi quand ce sera prêt.",
        (
            spawn(
                "explorer",
                "veille-sodium",
                Task(
                    "Fais une veille d’une page sur les batteries au sodium : acteurs, coûts, "
                    "échéances.",
                    (
                        read("veille/modele.md", "# Veille\n## Acteurs\n## Coûts\n## Échéances"),
                        write("veille/sodium.md", "# Batteries au sodium\n## Acteurs\n…"),
                    ),
                    "La veille tient en une page : trois acteurs sérieux, un coût encore 20 % "
                    "au-dessus des promesses, et des livraisons réalistes dans dix-huit mois.",
                ),
            ),
        ),
        "R2D2 s’en charge. Il part de notre modèle de veille et rend une page ; je te transmets "
        "sa note dès qu’elle arrive.",
    ),
    Task(
        "Où en est la refonte du site ? Fais le tour des équipes.",
        (
            read("projets/refonte.md", "Maquettes : validées. Intégration : 70 %. Textes : 40 %."),
            recall("refonte blocages", "1 résultat : textes de la page Tarifs attendus"),
            send("#refonte", "Point refonte : qui peut relire la page Tarifs aujourd’hui ?"),
        ),
        "La refonte avance : maquettes validées, intégration à 70 %, textes à 40 %. Le seul frein "
        "est la page Tarifs ; j’ai demandé une relecture dans le canal.",
    ),
    Task(
        "Trouve un créneau d’une heure pour tout le monde jeudi.",
        (
            run(
                "khal list jeudi --format '{start-time} {end-time} {title}'",
                "09:00 10:30 Comité\n11:00 12:00 Client Sika\n14:00 15:30 Atelier",
                seconds=1.6,
            ),
            send("#equipe", "Jeudi 16 h, une heure, salle du fond : cela convient à tous ?"),
        ),
        "Jeudi de 16 h à 17 h est libre pour les six. J’ai envoyé la proposition ; sans objection "
        "d’ici ce soir, je la confirme.",
    ),
    Task(
        "Répartis les demandes arrivées cette nuit.",
        (
            read("entree/nuit.md", "1. devis imprimeur\n2. bug formulaire\n3. question de presse"),
            spawn(
                "writer",
                "reponse-presse",
                Task(
                    "Rédige une réponse courte à la question de presse sur nos ateliers.",
                    (read("presse/elements.md", "Fondés en 2019. 12 ateliers, 400 élèves."),),
                    "Voici une réponse de six lignes, factuelle et chaleureuse, avec les trois "
                    "chiffres que nous donnons d’ordinaire.",
                ),
            ),
        ),
        "Trois demandes, trois responsables : le devis va au CFO, le bug à Imhotep, et la presse à "
        "Thot, qui rédige déjà. Rien d’urgent ne reste sans réponse.",
    ),
    Task(
        "Résume la journée d’hier en cinq lignes.",
        (
            recall("hier", "11 sessions terminées, 1 échec (quota), 2 livraisons"),
            read("journal/hier.md", "08:10 sauvegarde ok\n11:40 devis signé\n17:05 newsletter"),
        ),
        "Hier : onze sessions menées à bien et un échec de quota, repris depuis. Le devis Sika est "
        "signé, la newsletter est partie à 17 h, les sauvegardes sont saines. Aujourd’hui : la "
        "page Tarifs, puis le conseil.",
    ),
    Task(
        "Prépare l’accueil d’Awa, qui arrive lundi.",
        (
            read("modeles/accueil.md", "- poste\n- accès\n- parrain\n- premier déjeuner"),
            write("accueil/awa.md", "- [x] poste\n- [ ] accès\n- [x] marraine : Inès\n- [ ] repas"),
            send("#equipe", "Awa nous rejoint lundi. Qui déjeune avec elle ?"),
        ),
        "Tout est lancé pour Awa : poste réservé, marraine désignée, déjeuner proposé. Il reste "
        "ses accès, que Maintainer créera vendredi.",
    ),
    Task(
        "Vérifie que rien n’est bloqué depuis plus d’un jour.",
        (
            run(
                "openclaw tasks list --status blocked --older-than 24h",
                "ID    AGENT     DEPUIS  TITRE\nt-118 marketer  26 h    visuels campagne",
                seconds=2.2,
            ),
            recall("visuels campagne", "1 résultat : attend la palette de Basquiat"),
        ),
        "Une seule tâche dort : les visuels de la campagne attendent la palette de Basquiat depuis "
        "26 heures. Je l’ai mise en tête de sa liste.",
    ),
)
