"""What people ask of Basquiat, who directs the images."""

from palais.demo.tools import Task, browse, draw, fetch, read, run, send, write

TASKS = (
    Task(
        "Propose une palette pour l’école du soir.",
        (
            read("charte/couleurs.json", '{"or": "#D4A843", "nuit": "#0A0A0F"}'),
            draw("nuancier nocturne, or et indigo, papier grainé", "palettes/soir.png"),
            write("palettes/soir.json", '{"indigo": "#26355D", "sable": "#E9DCC3"}'),
        ),
        "Cinq couleurs : indigo profond, or, sable, terre cuite, et un blanc cassé. L’or ne sert "
        "qu’à ce qui appelle le geste ; le contraste du texte dépasse 7.",
    ),
    Task(
        "Fais trois essais d’affiche pour l’exposition sur le raphia.",
        (
            draw("affiche, motif Kuba en losanges, or sur noir", "affiches/raphia-1.png"),
            draw("affiche, macro de fibre de raphia, lumière rasante", "affiches/raphia-2.png"),
            draw("affiche, main tissant, aplats de couleur", "affiches/raphia-3.png"),
        ),
        "Trois directions : le motif, la matière, la main. La deuxième arrête le regard de loin ; "
        "je la pousserais, avec le titre en réserve dans la fibre.",
    ),
    Task(
        "Vérifie que les visuels de la campagne respectent la charte.",
        (
            read("charte/regles.md", "Marge de sécurité 1/12. Jamais de texte sur visage."),
            browse("https://visuels.example/campagne", "8 visuels, dont 2 avec texte sur visage"),
        ),
        "Six visuels sur huit sont conformes. Le 3 et le 7 posent du texte sur un visage : je les "
        "recadre à gauche et le texte respire.",
    ),
    Task(
        "Allège les images de la page d’accueil.",
        (
            run("ls -l site/img | awk '{s+=$5} END {print s}'", "6843112", seconds=0.8),
            run("cwebp -q 82 site/img/*.jpg", "12 files, 6.8 MB -> 1.4 MB", seconds=6.0),
        ),
        "Douze images passent de 6,8 à 1,4 Mo sans différence visible à l’écran. J’ai gardé les "
        "originaux à part.",
    ),
    Task(
        "Dessine un pictogramme pour l’atelier de vannerie.",
        (
            draw("pictogramme au trait, panier tressé, grille 24", "pictos/vannerie.png"),
            write("pictos/vannerie.svg", "<svg viewBox='0 0 24 24'>…</svg>"),
        ),
        "Le panier tient en sept traits sur une grille de 24, avec la même graisse que les autres. "
        "Lisible à seize pixels.",
    ),
    Task(
        "Quelles références pour une scénographie en bois brut ?",
        (
            fetch("https://scenographies.example/bois", "Pavillons, tasseaux, assemblages"),
            write("references/bois.md", "- tasseaux répétés\n- ombre portée\n- aucun vernis"),
        ),
        "J’ai réuni neuf références en trois familles : la trame, le refuge, le chantier. La trame "
        "va le mieux au raphia : même logique de croisement.",
    ),
    Task(
        "Envoie à l’imprimeur le fichier de l’affiche retenue.",
        (
            run(
                "pdfinfo -box affiches/raphia.pdf",
                "MediaBox: 0 0 1219 1715\nTrimBox: 14 14 1205 1701",
                seconds=1.0,
            ),
            send("imprimeur", "L’affiche raphia est prête : PDF/X-4, fonds perdus de 5 mm."),
        ),
        "Le fichier est parti : PDF/X-4, fonds perdus de 5 mm, polices incorporées. L’imprimeur a "
        "accusé réception ; l’épreuve arrive jeudi.",
    ),
    Task(
        "Choisis une photo pour la une de la newsletter.",
        (
            browse("https://phototheque.example/recent", "42 photos, dont 6 en lumière du soir"),
            read("charte/photo.md", "Des mains, de la matière, pas de pose."),
        ),
        "Je prends la 17 : deux mains dans la cuve d’indigo, le bleu qui commence. Elle raconte "
        "l’atelier sans légende.",
    ),
)
