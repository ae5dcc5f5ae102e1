# Les textes de la page qui tient lieu de téléphone.

language-name = Français
language-label = Langue
language-of-browser = Celle du navigateur

app-name = Téléphone IAMPASS
app-description = Accepte les connexions.
tab-title = { $page } · { app-name }
connection-lost = Connexion perdue, nouvel essai en cours

front-title = Service de connexion
front = Ici, chacun accepte ses connexions sur un téléphone. Il n'y a pas de mots de passe. Pour vous connecter à une application, ouvrez cette application.
front-phone = Ouvrir la page du téléphone
front-phone-how = La page du téléphone fait de ce navigateur un téléphone qui accepte vos connexions.
front-console = Ouvrir la Console
front-console-how = Dans la Console, les développeurs ajoutent des applications dont les utilisateurs se connectent par téléphone.
front-docs = Description de l'API, pour les programmes

no-script-title = Le téléphone a besoin de JavaScript
no-script = Cette page signe ce qu'elle envoie, et un navigateur ne le fait que par script. Autorisez les scripts pour cette adresse et rechargez la page.
insecure-title = Cette page a besoin d'une connexion sécurisée
insecure = Les navigateurs n'offrent la cryptographie dont un téléphone a besoin que par https, ou sur localhost. Ouvrez de nouveau cette page à une telle adresse.
link-stays-valid = Un lien d'enregistrement reste valable : rien n'a été utilisé.
no-storage-title = Ce navigateur ne garde rien
no-storage = Un téléphone doit se rappeler à qui il est, et ce navigateur ne laisse rien enregistrer à la page. Autorisez les données de site pour cette adresse, ou utilisez un autre navigateur.
elsewhere-title = Le téléphone est ouvert dans un autre onglet
elsewhere = Les demandes s'affichent là-bas. Quand cet autre onglet se fermera, celui-ci prendra le relais.
elsewhere-use-here = L'utiliser ici
elsewhere-tab = Ouvert dans un autre onglet

register-title = Enregistrer ce téléphone ?
register-ask = Ce navigateur acceptera alors les connexions de la personne à qui le lien est destiné. Ne continuez que si c'est vous.
register-service = Service :
register-here = Ce navigateur est déjà un téléphone :
register-here-how = Si le lien est pour un autre téléphone, touchez « { register-later } » et ouvrez-le là-bas. Il reste valable. Ne touchez « { register-now } » que pour ajouter un autre utilisateur à ce téléphone.
register-keyless-title = Ce navigateur ne garde pas de clés.
register-keyless = IndexedDB manque ici, ou refuse. Ce téléphone ne serait reconnu que par un secret partagé, et des applications peuvent exiger davantage.
register-keyless-how = Mieux : autorisez les données de site pour cette adresse, ou ouvrez le lien dans un autre navigateur. Il reste valable jusqu'à ce que vous touchiez « { register-now } ».
register-later = Pas maintenant
register-now = Enregistrer
register-again = Réessayer
register-to-phone = Aller au téléphone
register-unusable-title = Ce téléphone ne peut pas être utilisé
register-foreign = Il a été enregistré, mais le service a donné des adresses d'un autre hôte, que cette page n'appelle pas. Ouvrez un nouveau lien à l'adresse publique du service.
register-not-kept = Il a été enregistré, mais ce navigateur n'a pas gardé ce dont il doit se souvenir. Libérez de la place dans son stockage, ou utilisez un autre navigateur, avec un nouveau lien.
register-not-let-in-title = Ce téléphone n'a pas été admis
register-not-let-in = Un autre téléphone l'a refusé, son code était faux trois fois, ou une heure a passé. Créez un nouveau lien sur un téléphone que vous avez, et ouvrez-le ici.
register-link-tab = Lien non valable
register-link-title = Ce lien ne peut pas être utilisé
register-link = Il a déjà été utilisé, un plus récent l'a remplacé, ou il a expiré. Demandez-en un nouveau là où vous avez reçu celui-ci.
register-failed-title = Ce téléphone n'a pas été enregistré
register-here-already-title = Ce navigateur est déjà votre téléphone
register-here-already = Il accepte les connexions de { $user } à { $application }, et continue de le faire. Le lien était pour un autre téléphone, et il est utilisé : sur ce téléphone, ouvrez « { phones-open } », créez un nouveau lien, et ouvrez-le sur l'autre.
registered-title = Ce téléphone est enregistré
registered = Les demandes de connexion de { $application } pour { $user } s'affichent ici d'elles-mêmes.
codes-offer-title = Prévoyez une solution de secours
codes-offer = Si ce téléphone est perdu ou cassé, un code de récupération permet d'ajouter un nouveau téléphone de { $user } pour { $application }. Créez les codes maintenant, et ne les gardez pas avec ce téléphone. Vous pourrez aussi le faire plus tard, dans « { phones-open } ».
codes-offer-make = Créer des codes de récupération
codes-offer-later = Plus tard

waiting-tab = En attente de confirmation
waiting-title = Confirmez ce téléphone sur un autre
waiting = Sur un téléphone que vous avez, ouvrez « { phones-open } » et tapez ces chiffres. Vous pouvez fermer cette page entre-temps : elle les affiche de nouveau pendant une heure.
waiting-recovery-label = Pas d'autre téléphone sous la main ? Tapez un code de récupération
waiting-recovery-use = Utiliser le code de récupération
waiting-stop = Ne pas ajouter ce téléphone

request-tab = ({ $count }) Demande de connexion · { $application }
request-said = Demande de connexion de { $application } pour { $user }.
request-title = Est-ce vous qui vous connectez ?
request-seconds = { $seconds } s
request-left = restantes
request-application = Application
request-user = Utilisateur
request-browser = Navigateur
request-known = déjà utilisé
request-unknown = jamais utilisé
request-address = Adresse
request-asked = Demandé
request-in-front = N'acceptez que si la page de connexion est devant vous, et jamais parce que quelqu'un vous le demande.
request-by-link = N'acceptez que si vous venez de commencer à vous connecter dans ce navigateur. Il revient ensuite à la page de connexion.
request-more = { $count ->
    [one] { $count } autre demande attend.
   *[other] { $count } autres demandes attendent.
}
request-no-unlocking = L'application demande de déverrouiller ce téléphone. { $why } Ici, vous pouvez seulement refuser.
request-impossible = L'application demande quelque chose que cette page ne peut pas donner ({ $what }). Vous pouvez seulement refuser.
request-also-unlock = Il vous sera aussi demandé de déverrouiller ce téléphone.
request-also-unlock-simulated = Il vous sera aussi demandé de déverrouiller ce téléphone (simulé).
request-also-face-simulated = Il vous sera aussi demandé de montrer votre visage (simulé).
accept = Accepter
deny = Refuser
report = Ce n'est pas moi : signaler
report-word = Refuse, et note que quelqu'un d'autre a demandé en votre nom. Pendant un certain temps, aucune demande ne s'affiche alors ici d'elle-même. La connexion par le code fonctionne toujours.

code-label = Six chiffres de la page de connexion
code-hint = Ils sont à côté d'un code QR, que vous pouvez scanner à la place.
code-scan-short = Scanner
code-scan = Scanner le code
code-typed = Le code { $code } est là.
code-scanned = Le code a été scanné.
code-by-link = La page de connexion de ce navigateur a mené ici.
code-wrong = { $count ->
    [one] Code erroné. Tapez ce que la page de connexion affiche. Il reste { $count } essai.
   *[other] Code erroné. Tapez ce que la page de connexion affiche. Il reste { $count } essais.
}
code-wanted = Le service veut le code : tapez-le ou scannez-le.
code-too-many = Trop de codes erronés ont été tapés de suite. Scannez plutôt le code, ou réessayez plus tard.
code-too-many-minutes = { $count ->
    [one] Trop de codes erronés ont été tapés de suite. Scannez plutôt le code, ou réessayez dans une minute.
   *[other] Trop de codes erronés ont été tapés de suite. Scannez plutôt le code, ou réessayez dans { $count } minutes.
}

unlock-title = Déverrouiller ce téléphone
unlock-button = Déverrouiller
unlock = Votre empreinte, votre visage ou votre code PIN montre que c'est vous. Le navigateur le demande, et ni cette page ni le service ne le voient. La première fois, une clé d'accès est créée pour ce téléphone.
unlock-set-up = La clé d'accès de ce téléphone est créée. Touchez encore une fois « { unlock-button } » pour vous connecter avec elle.
unlock-simulated-title = Déverrouiller ce téléphone (simulé)
unlock-simulated = Ceci est simulé, pour le développement. Ni empreinte ni code n'est vérifié : la page dit seulement que vous avez déverrouillé le téléphone, et le service le croit. Cela ne prouve rien.
face-simulated-title = Montrer votre visage (simulé)
face-simulated = Ceci est simulé, pour le développement. Aucune image n'est prise : la page dit seulement que vous avez montré votre visage, et le service le croit. Cela ne prouve rien.
simulate-button = Simuler
unlock-no-name = Les navigateurs ne déverrouillent rien pour une adresse qui est un nombre. Ouvrez cette page avec un nouveau lien sous le nom du service ou, sur sa propre machine, sous le nom localhost.
unlock-no-webauthn = Ce navigateur ne peut pas prouver que vous avez déverrouillé ce téléphone. Mettez-le à jour, ou enregistrez ce téléphone dans un autre navigateur avec un nouveau lien.
unlock-no-key = Ce téléphone a été enregistré sans clé à lui ; il ne peut donc pas prouver que vous l'avez déverrouillé. Enregistrez-le de nouveau avec un nouveau lien.
unlock-not-taken = Le service ne l'a pas accepté : { $why } Touchez « { unlock-button } » pour réessayer.
unlock-unreachable = Le service est resté injoignable. Vérifiez la connexion, et touchez « { unlock-button } » pour réessayer.
unlock-on-this-device = Un autre navigateur ou une autre application de cet appareil est déjà enregistré comme l'un de vos téléphones et possède sa clé d'accès. Répondez à la demande là-bas. Si vous ne l'utilisez plus, retirez-le dans « { phones-open } », et touchez « { unlock-button } » pour réessayer.
unlock-wrong-address = Ce navigateur ne déverrouille rien à cette adresse. Ouvrez cette page à l'adresse publique du service, avec un nouveau lien.
unlock-too-long = Le déverrouillage a pris trop de temps et a été arrêté. Si la demande attend encore, touchez « { unlock-button } » pour réessayer.
unlock-no-screen-lock = Cet appareil n'a ni empreinte, ni visage, ni code PIN que le navigateur puisse utiliser. Configurez un verrouillage de l'écran dans les réglages de l'appareil, et touchez « { unlock-button } » pour réessayer.
unlock-not-done = Ce téléphone n'a pas été déverrouillé. Touchez « { unlock-button } » pour réessayer, ou refusez la demande.
unlock-failed = Ce téléphone n'a pas pu être déverrouillé. Touchez « { unlock-button } » pour réessayer, ou refusez la demande et connectez-vous autrement.

reported-title = Refusé et signalé
reported = Personne n'a été connecté à { $application }. Il est noté que quelqu'un d'autre a demandé au nom de { $user }. Pendant un certain temps, aucune demande ne s'affiche ici d'elle-même : pour vous connecter, tapez ou scannez le code.
denied-title = Refusé
denied = Personne n'a été connecté à { $application }.
over-title = Cette demande est terminée
over = Trop de codes erronés ont été envoyés ; personne n'a donc été connecté à { $application }. Recommencez sur la page de connexion.
not-signed-in-title = Non connecté
not-signed-in = Le service n'a pas accepté la réponse à { $application }.
accepted-title = Accepté
accepted = { $application } vous connecte en tant que { $user }.
accepted-go-back = Si vous vous connectez sur cet appareil, revenez à la page où vous avez commencé.
time-over-title = Le temps est écoulé
time-over = Personne n'a répondu à { $application } ; personne n'a donc été connecté. Pour vous connecter, recommencez sur la page de connexion.
newer-title = Une demande plus récente l'a remplacée
newer = La demande précédente n'est plus posée : une connexion plus récente à { $application } a été commencée. Répondez à la plus récente. Si vous ne l'avez pas commencée, refusez-la.
taken-back-title = Demande retirée
taken-back = La demande de { $application } a été retirée, ou a reçu une réponse sur un autre téléphone. Si vous voulez encore vous connecter, recommencez sur la page de connexion.
too-late-title = Trop tard
too-late = La demande de { $application } n'est plus posée ; votre réponse n'a donc rien fait. Si vous voulez encore vous connecter, recommencez sur la page de connexion.
not-sent = Votre réponse n'est pas parvenue au service. Réessayez.

home-title = Votre téléphone
home-away-tab = Absent
home-unregistered-tab = Non enregistré
away-title = Vous êtes absent
away-who = Verrouillé jusqu'à votre retour : { $names }.
come-back = Je suis de retour
walk-away = Je m'absente
welcome-title = Ce téléphone n'est pas encore enregistré
welcome = Il devient votre téléphone quand vous ouvrez un lien d'enregistrement dans ce navigateur :
welcome-ask = Demandez votre lien d'enregistrement à l'application.
welcome-scan = Scannez son code QR avec l'appareil photo de ce téléphone ou ci-dessous, ou ouvrez le lien ici.
welcome-register = Touchez « { register-now } ».
empty = Rien à accepter. Les demandes s'affichent ici d'elles-mêmes.
unreadable-title = Certains utilisateurs ne peuvent pas être affichés
unreadable = Ce navigateur ne rend pas ce qu'il garde pour cette page. Rechargez la page, ou redémarrez le navigateur.
change-failed-title = Cela n'a pas fonctionné
logged-out-title = Déconnecté
logged-out = { $user } est déconnecté de { $application }.

bring-title = Taper ou scanner un code
bring-another-title = Taper ou scanner un autre code
bring-lead = La page où vous vous connectez affiche six chiffres, et un code QR à scanner.
bring-whom = À qui est ce code ?
bring-label = Six chiffres
bring-go = Continuer
bring-no-digits = Tapez les six chiffres que la page de connexion affiche.
bring-looking-title = Recherche de la demande
bring-looking = Il est demandé au service à qui est le code.
bring-needs-phone-title = Le code demande un téléphone enregistré
bring-needs-phone = Si c'est un autre navigateur de cet appareil, ou l'application, tapez-y les six chiffres. Sinon, enregistrez d'abord celui-ci, puis scannez de nouveau le code.
bring-type-title = Tapez les six chiffres
bring-type = Un lien a ouvert cette page. Tapez les chiffres qui sont sur la page de connexion. Si vous ne venez pas de commencer à vous connecter, ne faites rien : quelqu'un d'autre vous a envoyé le lien.
bring-answered-title = Déjà répondu
bring-answered = La demande de ce code est terminée.
bring-nobody-here-title = Personne n'est enregistré ici
bring-nobody-here = Vous acceptez les connexions dans un autre navigateur ou dans l'application. Ouvrez-y IAMPASS et tapez les six chiffres de la page de connexion, ou scannez son code QR.
bring-no-codes-title = Aucun code ne peut être utilisé ici
bring-no-codes = Le service sur { $host } n'accepte pas de codes de ce téléphone.
bring-nobody-chosen-title = Personne n'a été choisi
bring-nobody-chosen = Rien n'a été envoyé. Scannez de nouveau le code pour vous connecter.
bring-unreachable-title = Le code n'est pas parvenu au service
bring-unreachable = Vérifiez la connexion et réessayez.
bring-wrong-title = Aucune demande n'affiche ce code
bring-wrong-scan = Il a été utilisé, il a expiré, ou il est pour quelqu'un qui n'est pas sur ce téléphone. Rechargez la page de connexion et scannez son nouveau code.
bring-wrong-code = Comparez-le avec la page de connexion. S'il est identique, cette page ne demande plus : son temps est écoulé, ou une connexion plus récente l'a remplacée. Recommencez là-bas, et tapez le nouveau code.
bring-wrong-code-several = Comparez-le avec la page de connexion. S'il est identique, cette page ne demande plus : son temps est écoulé, ou une connexion plus récente l'a remplacée. Recommencez là-bas, et tapez le nouveau code. Ou c'est le code d'un autre utilisateur de ce téléphone : choisissez plus haut à qui il est.
bring-too-many-title = Aucun code n'est accepté en ce moment
bring-not-taken-title = Le code n'a pas été accepté
which-title = Qui se connecte ?
which = Le code ne nomme personne. Ne choisissez que vous-même : la page de connexion laisse entrer la personne que vous choisissez.
which-below = Plusieurs utilisateurs sont enregistrés ici. Choisissez-en un ci-dessous, et touchez « { bring-go } ».
which-none = Personne : annuler
which-again = Le code a changé entre-temps. Tenez-le encore une fois devant l'appareil photo.

scanner-video = Ce que voit l'appareil photo
scanner-stop = Arrêter
scanner-looking = Tenez le code QR de la page de connexion devant l'appareil photo.
scanner-wrong = Ce code ne vient pas d'une page de connexion de { $host }. Scannez celui que la page de connexion affiche.
scanner-instead = Tapez plutôt les six chiffres.
scanner-link-looking = Tenez le code QR de votre lien d'enregistrement devant l'appareil photo.
scanner-link-wrong = Ce code n'est pas un lien d'enregistrement de { $host }.
scanner-link-instead = Collez plutôt le lien.
camera-missing = Ce navigateur ne donne pas d'appareil photo à cette page.
camera-gone = L'appareil photo a été retiré.
camera-no-reader = La partie de cette page qui lit les codes n'a pas pu être chargée.
camera-denied = L'appareil photo n'est pas autorisé pour cette page. Autorisez-le dans les réglages du navigateur pour cette adresse, et réessayez.
camera-none = Aucun appareil photo n'a été trouvé.
camera-busy = L'appareil photo est utilisé par un autre programme.
camera-broken = L'appareil photo ne démarre pas.

users-title = Sur ce téléphone
user-forgotten = Plus enregistré : ce téléphone a été retiré, ou un autre a pris sa place. Demandez un nouveau lien d'enregistrement pour l'utiliser de nouveau.
user-without-key = Ce téléphone partage un secret avec le service, ce qui est moins qu'une clé à lui. Aucune clé ne peut y être ajoutée : demandez un nouveau lien d'enregistrement, et ouvrez-le ici.
user-no-session = Aucune session active.
user-sessions = Sessions actives
user-remove = Retirer de ce téléphone
session-active = Active
session-away = Absent
session-since = Connecté
session-log-out = Déconnecter

add-user = Ajouter un autre utilisateur
add-link = Coller un lien d'enregistrement
link-label = Lien d'enregistrement
link-scan = Scanner le lien
link-open = Ouvrir le lien
link-wrong = Ce n'est pas un lien d'enregistrement de ce service. Un tel lien commence par { $start }

remove-title = Retirer { $user } de ce téléphone ?
remove = Les sessions de { $user } dans { $application } que ce téléphone a ouvertes se fermeront. Pour accepter de nouveau des connexions ici, il faut un nouveau lien d'enregistrement.
remove-keep = Garder
remove-now = Retirer
remove-anyway = Oublier ici seulement
remove-failed = { $why } Pour le service, ce téléphone reste enregistré. Réessayez, ou oubliez l'utilisateur ici seulement.
removed-title = Retiré
removed = Ce navigateur n'accepte plus les connexions de { $user } à { $application }.

phones-open = Vos téléphones
phones-title = Téléphones de { $user }
phones-waiting-title = Un nouveau téléphone attend
phones-waiting = S'il est à vous, tapez les six chiffres qu'il affiche. Sinon, refusez-le.
phones-waiting-label = Six chiffres du nouveau téléphone
phones-confirm = Confirmer
phones-this = Ce téléphone
phones-added = Ajouté
phones-paused = Il a été ajouté il y a moins d'un jour et ne change encore rien aux autres téléphones. Si ce n'était pas vous, retirez-le.
phones-new-name = Nouveau nom pour { $phone }
phones-rename = Renommer
phones-rename-one = Renommer { $phone }
phones-remove = Retirer
phones-remove-one = Retirer { $phone }
phones-add = Ajouter un téléphone
phones-link = Ouvrez ce lien sur le nouveau téléphone dans l'heure. Il sert une fois.
phones-copy-link = Copier le lien
phones-codes-left = { $count ->
    [one] Il reste { $count } code de récupération.
   *[other] Il reste { $count } codes de récupération.
}
phones-codes-made = Codes créés
phones-codes-not-yours = Si ce n'était pas vous, créez-en de nouveaux. Les précédents ne vaudront alors plus.
phones-make-codes = Créer de nouveaux codes de récupération
phones-codes = Imprimez ces codes, ou notez-les, et gardez-les loin du téléphone. Ils ne sont affichés que cette fois, chacun sert une fois, et les codes créés auparavant ne valent plus.
phones-copy = Copier
phones-print = Imprimer
phones-close = Fermer
phones-failure = Cela n'a pas fonctionné. Vérifiez la connexion et réessayez.
phones-codes-failure = Aucune réponse n'est venue. Si de nouveaux codes ont tout de même été créés, les précédents ne valent plus et personne n'a vu les nouveaux : créez-en encore une fois.
phone-ios = iPhone
phone-android = Téléphone Android
phone-web = Navigateur
phone-nameless = Téléphone sans nom

news-title = Les téléphones de { $user } ont changé
news-nameless = Un téléphone sans nom
news-waits = { $phone } attend d'être admis. S'il n'est pas à vous, ouvrez « { phones-open } » et refusez-le.
news-confirmed = { $phone } est maintenant l'un de vos téléphones. Si ce n'était pas vous, ouvrez « { phones-open } » et retirez-le.
news-recovered = { $phone } a été admis par un code de récupération. Si ce n'était pas vous, ouvrez « { phones-open } » et retirez-le maintenant : dans un jour, il pourra retirer celui-ci.
news-registered = { $phone } a été enregistré. Si ce n'était pas vous, ouvrez « { phones-open } » et retirez-le.
news-removed = { $phone } a été retiré. Si ce n'était pas vous, ouvrez « { phones-open } » et retirez tout téléphone qui n'est pas à vous.
news-codes-made = De nouveaux codes de récupération ont été créés sur un autre de vos téléphones : { $phone }. Les codes d'avant ne valent plus. Si ce n'était pas vous, ouvrez « { phones-open } » et créez-en de nouveaux ici.
news-link-made = Un lien pour un téléphone de plus a été créé sur un autre de vos téléphones : { $phone }. Il vaut une heure. Si ce n'était pas vous, ouvrez « { phones-open } » et refusez le téléphone qui viendra par ce lien.

settings = Réglages
set-notifications = Réveiller ce téléphone quand une demande attend
set-sound = Son tant que cette page est ouverte
set-vibration = Vibration tant que cette page est ouverte
set-position = Verrouiller mes sessions quand je pars avec ce téléphone
set-push-says = Un message qui réveille ce téléphone dit seulement que quelque chose attend. Il ne nomme personne.
pushes-off = Les demandes s'affichent tant que cette page est ouverte.
pushes-on = Ce téléphone est réveillé quand une demande attend, même quand cette page est fermée.
pushes-denied = Les notifications ne sont pas autorisées pour cette page. Autorisez-les dans les réglages du navigateur pour cette adresse.
pushes-denied-now = Les notifications ne sont plus autorisées pour cette page. Activez-les de nouveau pour que le navigateur vous le demande.
pushes-subscribing = Abonnement au service push de ce navigateur en cours.
pushes-home-screen = Ajoutez d'abord cette page à l'écran d'accueil, et ouvrez-la de là.
pushes-impossible = Ce navigateur ne peut pas être réveillé quand la page est fermée. Les demandes s'affichent tant qu'elle est ouverte.
pushes-unreachable = Le service est resté injoignable. Un nouvel essai aura lieu à la prochaine ouverture.
pushes-failed = Ce navigateur n'a pas pu s'abonner. Un nouvel essai aura lieu à la prochaine ouverture.
pushes-none = Le service ne réveille aucun téléphone. Son exploitant peut changer cela. D'ici là, gardez cette page ouverte pendant que vous vous connectez.
pushes-not-taken = Le service n'accepte pas l'abonnement de ce navigateur. Gardez cette page ouverte pendant que vous vous connectez, et prévenez son exploitant.
pushes-not-subscribed = Ce navigateur n'a pas pu s'abonner à son service push. Vérifiez la connexion.
pushes-no-answer = Le service push de ce navigateur ne répond pas. Vérifiez la connexion, et réactivez-le plus tard.
pushes-no-background = Ce navigateur ne laisse pas la page travailler en arrière-plan. Gardez-la ouverte pendant que vous vous connectez, ou enregistrez ce téléphone dans un autre navigateur.
pushes-no-worker = La partie de cette page qui travaille en arrière-plan n'a pas démarré. Rechargez la page.
position-off = Activez-le avant de vous connecter : ce téléphone retient où vous acceptez, et dit seulement au service s'il est près de ce lieu. Les sessions qu'il a suivies sont verrouillées dans les deux minutes après la désactivation.
position-on = Ce téléphone retient où vous acceptez une connexion, et dit s'il en est près : à moins de 100 m, et d'autant plus loin que sa position est imprécise. Le lieu reste sur ce téléphone. Gardez cette page ouverte, et l'écran allumé : une page fermée ou endormie ne dit rien, et la session est verrouillée après deux minutes.
position-denied = Cette page n'a pas le droit de savoir où vous êtes. Autorisez-le dans les réglages du navigateur pour cette adresse, et activez-le de nouveau.
position-unknown = Ce téléphone n'arrive pas à savoir où il est en ce moment. Si cela dure, les sessions sont verrouillées.
position-missing = Ce navigateur ne peut pas dire où il est.

just-now = à l'instant

refused = Le service a refusé : { $message }
refused-without-reason = Le service a refusé sans donner de raison.
refused-foreign-address = L'adresse est celle d'un autre service ; elle n'a donc pas été appelée.
refused-lost-key = Ce téléphone a perdu sa clé, ou le service en connaît une autre. Retirez l'utilisateur de ce téléphone et enregistrez-le de nouveau avec un nouveau lien d'enregistrement.
refused-needs-key = Ce téléphone partage un secret avec le service, et ceci demande une clé à lui. Tapez ou scannez le code d'une connexion avec votre nom, ou enregistrez de nouveau le téléphone avec un nouveau lien d'enregistrement.
refused-phone-not-allowed = Cette application n'accepte que des téléphones qui ont une clé à eux. Enregistrez de nouveau ce téléphone avec un nouveau lien d'enregistrement, dans un navigateur qui garde des clés.
refused-unlock-required = Cette application n'accepte que des connexions pour lesquelles le téléphone a été déverrouillé. Recommencez la connexion, et déverrouillez ce téléphone quand il le demande.
refused-forgotten = Ce téléphone n'est plus enregistré. Demandez un nouveau lien d'enregistrement.
refused-wrong-code = { $count ->
    [one] Le nouveau téléphone affiche un autre code. Comparez les chiffres : il reste { $count } essai.
   *[other] Le nouveau téléphone affiche un autre code. Comparez les chiffres : il reste { $count } essais.
}
refused-wrong-code-last = Le code était faux trop souvent. Créez un nouveau lien, et ajoutez de nouveau le téléphone.
refused-wrong-recovery-code = Ce n'est pas l'un de vos codes de récupération, ou il a déjà été utilisé. Comparez chaque lettre avec ce que vous avez noté, ou prenez-en un autre.
refused-wrong-recovery-code-last = C'était le troisième code de récupération erroné : ce téléphone n'attend donc plus et ne prend aucun autre code. Créez un nouveau lien, et ajoutez le téléphone de nouveau.
refused-too-many-phones = Vous avez déjà le plus grand nombre de téléphones possible. Retirez-en un que vous n'utilisez pas, puis réessayez.
refused-phone-key = Un téléphone ne peut être ajouté à d'autres que si chacun a une clé à lui. Utilisez un navigateur ou une application qui garde des clés, ou un lien qui remplace le téléphone.
refused-unknown-phone = Ce téléphone n'est plus là, ou n'attend plus. Fermez la liste et ouvrez-la de nouveau.
refused-phone-too-new = Ce téléphone a été ajouté il y a moins d'un jour. Jusqu'à la fin de ce jour, il ne change rien aux autres téléphones. Quand un autre de vos téléphones peut être déverrouillé, utilisez celui-là.
refused-session-over = Cette session n'est plus là, ou son état a changé.
refused-unlock-not-valid = Le service n'a pas pu vérifier que vous avez déverrouillé ce téléphone. Déverrouillez-le encore une fois.
refused-unlock-elsewhere = Le service connaît une autre clé d'accès de ce téléphone. Utilisez celle-là. Si elle n'existe plus, enregistrez de nouveau le téléphone avec un nouveau lien.
refused-unlock-none = Le service ne connaît aucune clé d'accès de ce téléphone. Acceptez encore une fois pour en créer une.
refused-method = Le service ne peut pas vérifier ce que l'application demande. Refusez, et dites-le aux responsables de l'application.
refused-clock = L'horloge de ce téléphone n'est pas à l'heure. Réglez-la, puis réessayez.
refused-too-many = Trop d'essais en peu de temps. Attendez un peu, puis réessayez.
refused-unavailable = Le service n'est pas disponible en ce moment. C'est peut-être fait : vérifiez avant de réessayer.
unreachable = Le service est resté injoignable. Vérifiez la connexion et réessayez.
unreachable-unchanged = Le service est resté injoignable. Rien n'a été changé ; réessayez.

push-question-title = Une connexion attend votre réponse
push-question = Ouvrez-la pour voir qui demande. Si vous ne venez pas de commencer à vous connecter, refusez-la.
push-session-title = L'une de vos sessions a changé
push-session = Elle s'est fermée, ou est verrouillée ou rouverte. Ouvrez le téléphone pour voir lesquelles sont actives.
push-test-title = Ce téléphone peut être réveillé
push-test = Un essai est arrivé. Rien n'attend : vous pouvez fermer ceci.
push-unread-title = Quelque chose attend sur votre téléphone
push-unread = Ouvrez-le pour voir ce que c'est.
offline-title = Pas de connexion
offline = Ce téléphone demande au service ce qui attend, et ne peut pas le joindre maintenant. Vérifiez la connexion.
offline-again = Réessayer
