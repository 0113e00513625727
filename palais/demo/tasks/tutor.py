"""What people ask of Piccolo, the tutor."""

from palais.demo.tools import Task, read, recall, run, search, write

TASKS = (
    Task(
        "Explique-moi les intérêts composés avec un exemple.",
        (
            recall("niveau de l’élève", "1 résultat : à l’aise avec les pourcentages"),
            run("python3 -c 'print(round(1000*1.03**10, 2))'", "1343.92", seconds=0.9),
        ),
        "Mille euros à 3 % deviennent 1 030 € après un an. L’année suivante, les 3 % portent aussi "
        "sur les 30 € gagnés. Après dix ans tu as 1 343,92 €, et non 1 300 € : la différence, ce "
        "sont les intérêts des intérêts.",
    ),
    Task(
        "Fais-moi réviser les fractions, dix minutes.",
        (
            read("eleves/progres.md", "fractions : additions ok, divisions fragiles"),
            write("exercices/fractions.md", "1) 3/4 : 1/2\n2) 2/3 : 4/5\n3) 5/6 : 1/3"),
        ),
        "Trois divisions pour commencer, puisque les additions sont acquises. Rappelle-toi : "
        "diviser par une fraction, c’est multiplier par son inverse. À toi pour la première.",
    ),
    Task(
        "Corrige mon essai sur le commerce transsaharien.",
        (
            read("rendus/essai.md", "Le sel et l’or s’échangeaient…"),
            search("commerce transsaharien sel or sources", "Ibn Battûta", "Mines de Taghaza"),
        ),
        "Ton plan est solide et l’exemple de Taghaza bien choisi. Deux pistes : cite une source "
        "dès le deuxième paragraphe, et dis ce que devient l’or une fois au nord.",
    ),
    Task(
        "Prépare un quiz de six questions sur la photosynthèse.",
        (
            read("cours/photosynthese.md", "Lumière, eau, CO2 → glucose, O2. Chloroplaste."),
            write("quiz/photosynthese.md", "1. Que produit-elle ?\n2. Où a-t-elle lieu ?"),
        ),
        "Le quiz va du simple au subtil ; la dernière question demande d’expliquer pourquoi une "
        "plante respire aussi la nuit. Les corrigés sont à part.",
    ),
    Task(
        "Pourquoi mon programme Python boucle-t-il sans fin ?",
        (
            read("rendus/compteur.py", "n = 10\nwhile n > 0:\n    print(n)"),
            run(
                "timeout 2 python3 rendus/compteur.py",
                "10\n10\n10\n…",
                code=124,
                seconds=2.2,
            ),
        ),
        "Lis la boucle à voix haute : « tant que n est positif, affiche n ». Qu’est-ce qui change "
        "n ? Rien. Il manque une ligne ; essaie de deviner laquelle avant que je te la donne.",
    ),
    Task(
        "Fais-moi un plan de révision pour le brevet.",
        (
            recall("emploi du temps", "1 résultat : mardi et jeudi libres après 17 h"),
            write("plans/brevet.md", "Mardi : maths. Jeudi : histoire. Dimanche : une épreuve."),
        ),
        "Six semaines, deux séances par semaine et une épreuve blanche le dimanche. Chaque séance "
        "commence par cinq minutes sur la précédente : c’est là que la mémoire se fait.",
    ),
    Task(
        "Comment prononce-t-on « through », « though » et « tough » ?",
        (search("through though tough pronunciation", "/θruː/", "/ðoʊ/", "/tʌf/"),),
        "Trois sons pour une même écriture : « through » rime avec « loup », « though » avec "
        "« eau », « tough » avec « bluff ». Dis-les dans une phrase chacun, puis ensemble.",
    ),
    Task(
        "Explique la proportionnalité à un enfant de neuf ans.",
        (
            recall("exemples qui ont plu", "2 résultats : recettes de cuisine ; vélo"),
            write("fiches/proportion.md", "Pour 4 crêpes : 2 œufs. Pour 8 crêpes : 4 œufs."),
        ),
        "Avec des crêpes : deux fois plus de crêpes, deux fois plus d’œufs. S’il faut deux œufs "
        "pour quatre crêpes, combien pour douze ? On compte les « fois » plutôt que les œufs.",
    ),
)
