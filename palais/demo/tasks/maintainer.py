"""What people ask of Maintainer, who keeps things running."""

from palais.demo.tools import Task, fetch, read, run, send, write

TASKS = (
    Task(
        "Vérifie les sauvegardes de la nuit.",
        (
            run(
                "restic snapshots --latest 1",
                "ID 7c1e  02:30  db, medias\n1 snapshots",
                seconds=3.4,
            ),
            run("restic check --read-data-subset=2%", "no errors were found", seconds=7.5),
        ),
        "La sauvegarde de 2 h 30 est complète et un échantillon de 2 % se relit sans erreur. La "
        "dernière restauration d’essai date de douze jours.",
    ),
    Task(
        "Le disque du serveur se remplit. Trouve pourquoi.",
        (
            run("df -h /", "/dev/vda1  40G  36G  4.0G  91% /", seconds=0.8),
            run("du -xsh /var/log /var/lib/* | sort -h | tail -3", "11G /var/log", seconds=5.0),
            run("journalctl --vacuum-size=500M", "freed 10.4G of archived journals", seconds=4.0),
        ),
        "Les journaux prenaient 11 Go. Ils sont ramenés à 500 Mo et la rotation est réglée : le "
        "disque est à 64 %.",
    ),
    Task(
        "Renouvelle le certificat du site.",
        (
            run(
                "openssl x509 -enddate -noout -in cert.pem",
                "notAfter=dans 9 jours",
                seconds=0.6,
            ),
            run("certbot renew --cert-name atelier.example", "Congratulations", seconds=9.0),
        ),
        "Le certificat est renouvelé pour quatre-vingt-dix jours et servi. Le minuteur automatique "
        "était désactivé depuis la migration ; il tourne de nouveau.",
    ),
    Task(
        "Redémarre le service de réservation sans coupure.",
        (
            run("systemctl reload reservation", "", seconds=1.4),
            run("curl -sf https://atelier.example/healthz", '{"status":"ok"}', seconds=1.0),
        ),
        "Rechargé sans coupure : les anciens processus ont fini leurs requêtes, les nouveaux "
        "répondent. Aucune erreur dans la minute qui suit.",
    ),
    Task(
        "Y a-t-il des correctifs de sécurité à passer ?",
        (
            run("apt-get -s upgrade | grep -i security", "3 paquets", seconds=4.2),
            fetch("https://securite.example/avis", "libwebp : débordement, gravité haute"),
        ),
        "Trois correctifs, dont un de gravité haute pour libwebp. Je les planifie à 5 h, avec un "
        "instantané juste avant.",
    ),
    Task(
        "Pourquoi l’intégration continue est-elle rouge ?",
        (
            run(
                "gh run view --log-failed | tail -5",
                "E   ConnectionError: miroir injoignable\nerror: build failed",
                code=1,
                seconds=3.0,
            ),
            read(".ci/run", "pip install --index-url https://miroir.example/simple"),
            write(".ci/run", "pip install --require-hashes -r requirements.lock"),
        ),
        "Le miroir de paquets ne répondait plus. L’installation passe par l’index officiel avec "
        "empreintes vérifiées : c’est vert, et plus sûr.",
    ),
    Task(
        "Mets en place une alerte si le site ne répond plus.",
        (
            write("alertes/site.yml", "url: https://atelier.example/healthz\nseuil: 2\nvers: #ops"),
            run("alertctl test site", "probe ok, alert delivered", seconds=2.6),
            send("#ops", "Essai : l’alerte « site » fonctionne. Rien à faire."),
        ),
        "L’alerte part après deux échecs de suite, vers le canal ops. L’essai est bien arrivé, et "
        "une seule fois.",
    ),
    Task(
        "Fais le point sur la charge de la semaine.",
        (
            run("sar -q | tail -1", "Average:  runq-sz 0.4  ldavg-15 0.62", seconds=1.6),
            read("metriques/semaine.csv", "p95 210 ms, erreurs 0,03 %"),
        ),
        "Semaine calme : charge moyenne de 0,6 sur quatre cœurs, 95 % des réponses sous 210 ms, "
        "0,03 % d’erreurs. La pointe du jeudi vient de la newsletter.",
    ),
)
