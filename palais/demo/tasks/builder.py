"""What people ask of Imhotep, who designs and builds."""

from palais.demo.tools import Task, fetch, read, run, search, write

TASKS = (
    Task(
        "Le formulaire de contact refuse les adresses avec un plus. Corrige.",
        (
            read("site/forms.py", 'EMAIL = re.compile(r"^[\\w.-]+@[\\w.-]+$")'),
            run(
                "pytest -q tests/test_forms.py",
                "F.....\nE  assert not valid('a+b@example.org')\n1 failed, 5 passed in 0.42s",
                code=1,
                seconds=2.5,
            ),
            write("site/forms.py", 'EMAIL = re.compile(r"^[\\w.+-]+@[\\w.-]+$")'),
            run("pytest -q tests/test_forms.py", "......\n6 passed in 0.40s", seconds=2.4),
        ),
        "Corrigé : l’expression oubliait le « + ». Un test le prouve désormais, et les cinq autres "
        "passent toujours.",
    ),
    Task(
        "Pourquoi la page d’accueil met-elle trois secondes à s’afficher ?",
        (
            run(
                "curl -so /dev/null -w '%{time_starttransfer}' https://atelier.example",
                "2.871",
                seconds=3.4,
            ),
            read("site/views.py", "for a in Atelier.query:\n    a.places  # une requête"),
            write("site/views.py", "Atelier.query.options(selectinload(Atelier.places))"),
        ),
        "La page lançait une requête par atelier, soit quarante-deux. Avec un chargement groupé il "
        "en reste deux : le premier octet part en 180 ms.",
    ),
    Task(
        "Propose un schéma de base pour les réservations.",
        (
            read("docs/besoins.md", "Un atelier a des séances ; une séance a des places."),
            write(
                "docs/schema.sql",
                "create table reservation (... unique (seance, eleve));",
            ),
        ),
        "Trois tables suffisent : ateliers, séances, réservations. Une contrainte d’unicité "
        "interdit la double réservation, là où deux clics simultanés tromperaient le code.",
    ),
    Task(
        "Mets à jour les dépendances et dis-moi ce qui casse.",
        (
            run(
                "pip list --outdated",
                "Package  Version  Latest\nflask    3.0.3    3.1.2\npillow   10.4.0   11.3.0",
                seconds=4.5,
            ),
            run("pip install -U flask pillow", "Successfully installed flask pillow", seconds=6.0),
            run("pytest -q", "214 passed in 11.83s", seconds=6.5),
        ),
        "Deux paquets étaient en retard ; ils sont à jour et les 214 tests passent. Rien ne casse. "
        "Le journal de Pillow annonce une dépréciation à traiter d’ici l’été.",
    ),
    Task(
        "Comment faire un envoi de fichiers qui reprend après une coupure ?",
        (
            search(
                "resumable upload protocol",
                "tus.io : un protocole ouvert de reprise",
                "RFC 9110, requêtes partielles",
            ),
            fetch("https://tus.io/protocols/resumable-upload", "PATCH, Upload-Offset, HEAD, …"),
        ),
        "Je conseille tus : un protocole ouvert, trois verbes HTTP, des bibliothèques éprouvées. "
        "Le client demande où il en était et reprend là, sans rien renvoyer.",
    ),
    Task(
        "Ajoute un export CSV à la liste des élèves.",
        (
            read("site/api.py", "@bp.get('/eleves')\ndef eleves(): ..."),
            write("site/export.py", "def rows(): yield 'nom;prenom;atelier'\n..."),
            run("pytest -q tests/test_export.py", "....\n4 passed in 0.31s", seconds=2.2),
        ),
        "L’export est en place : séparateur point-virgule et marque d’ordre des octets, pour que "
        "les tableurs français l’ouvrent droit. Il lit ligne à ligne et ne charge pas la table.",
    ),
    Task(
        "Relis la branche paiement avant la mise en ligne.",
        (
            run(
                "git diff --stat main...paiement",
                " site/paiement.py | 84 +++++\n tests/test_paiement.py | 61 +++++",
                seconds=1.2,
            ),
            read("site/paiement.py", "if montant == attendu:  # flottants\n    confirmer()"),
        ),
        "Une remarque bloquante : les montants se comparent en flottants. Passe-les en centimes "
        "entiers ; le reste est clair et bien testé.",
    ),
    Task(
        "Fais tourner le site dans un conteneur.",
        (
            write("Containerfile", "FROM python:3.12-slim\nCOPY . /app\nUSER 1000\nCMD gunicorn …"),
            run("podman build -t atelier .", "STEP 6/6: CMD\nCOMMIT atelier", seconds=8.0),
            run("podman run --rm atelier --check-config", "ok", seconds=3.0),
        ),
        "L’image se construit et démarre : 148 Mo, utilisateur sans privilège, configuration par "
        "variables d’environnement.",
    ),
)
