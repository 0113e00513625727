"""What people ask of Thot, the scribe."""

from palais.demo.tools import Task, fetch, read, recall, run, search, write

TASKS = (
    Task(
        "Écris la newsletter du mois à partir de mes notes.",
        (
            read("notes/mois.md", "- nouvel atelier vannerie\n- 3 témoignages\n- portes ouvertes"),
            recall("ton de la newsletter", "1 résultat : tutoiement, phrases courtes, une image"),
            write("newsletter/brouillon.md", "# Ce mois-ci à l’atelier\nLa vannerie arrive…"),
        ),
        "La newsletter est prête : trois sujets, quatre cents mots, un seul appel à l’action, les "
        "portes ouvertes. J’ai gardé le tutoiement et les phrases brèves.",
    ),
    Task(
        "Relis ce communiqué et allège-le.",
        (
            read("presse/communique.md", "Dans le cadre de sa politique de développement…"),
            write("presse/communique-v2.md", "L’atelier ouvre une école du soir le 3."),
        ),
        "J’ai ôté un tiers des mots. L’information vient dans la première phrase, les adjectifs "
        "sont partis, et la citation dit enfin quelque chose.",
    ),
    Task(
        "Rédige la page Tarifs, claire et sans petites lignes.",
        (
            read("site/tarifs.csv", "atelier;duree;prix\nvannerie;3h;45\nteinture;6h;80"),
            write("site/tarifs.md", "Un atelier de trois heures : 45 €. Tout est compris."),
        ),
        "La page tient en un tableau et trois phrases. Ce qui est compris est dit avant le prix, "
        "et les conditions d’annulation tiennent en une ligne.",
    ),
    Task(
        "Transforme le compte rendu du conseil en décisions.",
        (
            read("conseil/notes.md", "Longue discussion sur l’hébergeur. On penche pour le local."),
            write("conseil/decisions.md", "1. Hébergeur local, essai de 3 mois, resp. Imhotep"),
        ),
        "De quatre pages il reste trois décisions, chacune avec un responsable et une date. Un "
        "point n’a pas été tranché ; je l’ai signalé plutôt que deviné.",
    ),
    Task(
        "Trouve un titre pour l’exposition sur le raphia.",
        (
            search("raphia Kuba velours histoire", "Le velours du Kasaï", "Motifs et mémoire"),
            recall("titres déjà utilisés", "2 résultats : Fil rouge ; À l’envers du tissu"),
        ),
        "Trois pistes : « La fibre et le signe », « Velours de palme », « Ce que tisse la main ». "
        "Ma préférence va à la première, qui dit la matière et l’écriture.",
    ),
    Task(
        "Vérifie l’orthographe de toutes les pages du site.",
        (
            run(
                "aspell --lang=fr list < site/tout.md | sort -u",
                "acceuil\ndévelopement\nvannerrie",
                seconds=2.8,
            ),
            write("site/corrections.md", "acceuil → accueil\ndévelopement → développement"),
        ),
        "Trois fautes sur quarante pages : « acceuil », « développement » et « vannerie ». Elles "
        "sont corrigées, et j’ai uniformisé les guillemets.",
    ),
    Task(
        "Écris la fiche de l’atelier d’indigo.",
        (
            fetch("https://teinture.example/indigo", "Cuve, oxydation, bains successifs…"),
            write("fiches/indigo.md", "# Indigo\nLe tissu sort vert et bleuit sous vos yeux."),
        ),
        "La fiche s’ouvre sur l’instant où le tissu vert bleuit à l’air. Suivent le déroulé, ce "
        "qu’on emporte et ce qu’il faut porter : un vieux tablier.",
    ),
    Task(
        "Prépare une réponse à l’avis négatif d’hier.",
        (
            read("avis/hier.md", "Deux étoiles : « trop de monde, on entendait mal »."),
            recall("réponses aux avis", "1 résultat : reconnaître, dire ce qui change, inviter"),
        ),
        "Ma réponse reconnaît la gêne sans excuse, dit que les groupes passent de douze à neuf, et "
        "invite la personne à revenir. Cinq lignes, aucune formule toute faite.",
    ),
)
