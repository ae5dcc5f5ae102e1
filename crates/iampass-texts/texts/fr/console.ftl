# Les textes de la Console.

skip = Aller au contenu
menu = Menu
languages = Langue
signed-in-as = Connecté en tant que
sign-out = Se déconnecter
applications = Applications
accounts = Comptes
your-account = Votre compte
tab-overview = Aperçu
tab-users = Utilisateurs
tab-sessions = Sessions
tab-snippets = Extraits de code
tab-settings = Réglages
tab-members = Membres
tab-messages = Messages
tab-pushes = Notifications push
tab-log = Journal
application-disabled = Cette application est désactivée : aucune de ses requêtes ne reçoit de réponse, et personne ne peut s'y connecter.
copy = Copier
copied = Copié
not-copied = Non copié : le texte est sélectionné, copiez-le à la main.
cancel = Annuler
continue = Continuer
back = Retour
sign-in = Se connecter

moment-now = à l'instant
moment-soon = dans un instant
moment-minutes-ago = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
moment-hours-ago = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
moment-days-ago = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
moment-in-minutes = { $count ->
    [one] dans { $count } minute
   *[other] dans { $count } minutes
}
moment-in-hours = { $count ->
    [one] dans { $count } heure
   *[other] dans { $count } heures
}
moment-in-days = { $count ->
    [one] dans { $count } jour
   *[other] dans { $count } jours
}

role-owner = Propriétaire
role-owner-may = Tout, y compris les membres, la désactivation et la suppression.
role-developer = Développeur
role-developer-may = Utilisateurs, téléphones, sessions, réglages et secret.
role-read-only = Lecture seule
role-read-only-may = Voit tout sauf le secret, ne change rien.
role-administrator = Administrateur
role-administrator-may = Administrateur du service. Vous voyez cette application, et pouvez dire qui en fait partie.

login-no-account = Pas encore de compte ?
login-lost-help = Demandez à un administrateur de cette Console, ou à l'exploitant du service : `iampass-server console link --name` crée un lien qui remplace le téléphone.
login-account-open = Un compte demande un nom et un téléphone, et pas de mot de passe. Si vous avez un compte mais pas de téléphone, l'exploitant du service vous crée un lien avec `iampass-server console link`.
login-account-invited = Ici, les comptes se créent sur invitation : demandez un lien à un propriétaire d'une application. Si vous avez un compte mais pas de téléphone, l'exploitant du service vous en crée un avec `iampass-server console link`.

error-to-console = Vers la Console
error-not-found-title = Page introuvable
error-not-found = Il n'y a rien à cette adresse, ou rien qui vous soit montré.
error-method = Cette adresse ne peut pas être utilisée ainsi.
error-not-allowed-title = Non autorisé
error-may-not-see = Vous ne pouvez pas voir cette application. Demandez à un propriétaire de l'application.
error-may-not-manage-users = Vous ne pouvez pas ajouter ni supprimer d'utilisateurs ici. Demandez à un propriétaire de l'application.
error-may-not-manage-devices = Vous ne pouvez pas changer les téléphones des utilisateurs ici. Demandez à un propriétaire de l'application.
error-may-not-end-sessions = Vous ne pouvez pas déconnecter d'utilisateurs ici. Demandez à un propriétaire de l'application.
error-may-not-rotate-secret = Vous ne pouvez pas changer le secret de cette application. Demandez à un propriétaire de l'application.
error-may-not-configure = Vous ne pouvez pas changer les réglages de cette application. Demandez à un propriétaire de l'application.
error-may-not-switch-off = Vous ne pouvez ni désactiver ni réactiver cette application. Demandez à un propriétaire de l'application.
error-may-not-delete = Vous ne pouvez pas supprimer cette application. Demandez à un propriétaire de l'application.
error-may-not-manage-members = Vous ne pouvez pas changer qui fait partie de cette application. Demandez à un propriétaire de l'application.
error-may-not-decide-messages = Vous ne pouvez pas décider des messages de cette application : les administrateurs le font. Demandez à un propriétaire de l'application.
error-may-not-leave = Vous ne pouvez pas quitter cette application : vous n'en êtes pas membre. Demandez à un propriétaire de l'application.
error-unchanged-title = Rien n'a été changé
error-right-ended = Votre session, ou votre droit de le faire, a pris fin avant que ce soit fait. Reconnectez-vous, ou demandez à un propriétaire de l'application.
error-cross-site = Ce formulaire n'a pas été envoyé par une page de la Console ; il a donc été refusé. Si vous le vouliez, faites-le sur sa page.
error-not-for-scripts = Cette page montre quelque chose de secret ; elle n'est donc montrée qu'à une personne, et à aucun script. Utilisez son bouton sur la page de la Console.
error-too-long-title = Trop long
error-too-long = Ce qui a été envoyé est plus long que tout ce qui peut exister ici.
error-not-understood-title = Non compris
error-not-understood = Ce qui a été envoyé n'est aucun des formulaires de la Console. Rechargez la page.
error-void-link-title = Ce lien n'est pas valable
error-void-link = Il a déjà été utilisé, a expiré, ou n'a pas été copié en entier. Demandez-en un nouveau à la personne qui vous l'a donné.
error-invited-title = Sur invitation
error-invited = Ici, les comptes se créent sur invitation. Demandez un lien à un propriétaire d'une application, ou à l'exploitant du service.
error-too-many-title = Trop à la fois
error-too-many = Beaucoup de comptes ont été créés depuis votre adresse en peu de temps. Rien n'a été fait ; réessayez dans quelques minutes.
error-phone-too-new-title = Pas encore
error-phone-too-new = Un code de récupération a admis l'un de vos téléphones il y a moins d'un jour. Tant qu'un jour n'a pas passé, aucun lien ne remplace les autres, pour que vous puissiez retirer ce téléphone s'il n'est pas à vous. Un administrateur peut vous créer un lien.
error-unavailable-title = Indisponible pour le moment
error-unavailable = Rien n'a été changé. Rechargez cette page dans un instant.
error-perhaps-done-title = C'est peut-être fait
error-perhaps-done = La base de données n'a pas répondu à la fin : on ne sait donc pas si c'est fait. Ouvrez la page où cela se verrait, et regardez avant de recommencer. S'il s'agissait de quelque chose qui n'est montré qu'une fois, comme un secret ou un lien, créez-en un nouveau.
error-internal-title = Quelque chose s'est mal passé
error-internal = C'est notre faute, pas la vôtre. Réessayez dans un instant.

landing-title = Bienvenue
landing = Ici, des développeurs ajoutent des applications dont les utilisateurs se connectent par téléphone. Vous vous connectez de la même façon : il n'y a pas de mots de passe.
landing-invited = Les comptes se créent sur invitation. L'exploitant du service crée le premier :

register-title = Créer un compte
register = Sur la page suivante, vous enregistrez votre téléphone. Vous y acceptez dès lors chacune de vos connexions.
register-failed = Aucun compte n'a été créé.
register-name = Nom d'utilisateur
register-name-hint = De 3 à 32 lettres de a à z, chiffres, et entre eux . - _ Il ne peut pas être changé plus tard.
register-continue = Continuer vers votre téléphone
register-have = Vous avez déjà un compte ?
register-unfinished = Commencé ici, et pas terminé ?
register-phone = Enregistrez votre téléphone dans les 15 minutes
name-none = Choisissez un nom d'utilisateur.
name-letters = N'utilisez que les lettres de a à z, des chiffres, et entre eux . - _
name-ends = Commencez et finissez par une lettre ou un chiffre.
name-short = Utilisez au moins 3 caractères.
name-long = Utilisez au plus 32 caractères.
name-reserved = D'autres prendraient ce nom pour celui du service. Choisissez-en un autre.
name-taken = Ce nom est pris. Choisissez-en un autre.

applications-first-title = Trois étapes jusqu'à la première connexion
applications-first-add = Ajoutez votre application.
applications-first-add-why = Elle reçoit un identifiant et un secret, par lesquels le service la reconnaît.
applications-first-environment = Mettez-les dans son environnement,
applications-first-environment-how = avec { $variable }, et montez la connexion : quelques lignes avec axum ou actix-web.
applications-first-phone = Enregistrez un téléphone pour un utilisateur et connectez-vous.
applications-first-phone-how = Pas de téléphone sous la main ? Le service a une page qui en joue un :
applications-add = Ajouter une application
applications-name = Nom
applications-role = Votre rôle
applications-added = Ajoutée
applications-disabled = désactivée
applications-left = Vous avez quitté l'application.
applications-deleted = L'application est supprimée.

new-application-title = Ajouter une application
new-application = Elle reçoit un identifiant et un secret, qui est montré une fois. Vous en devenez propriétaire.
new-application-failed = Aucune application n'a été ajoutée.
new-application-name-hint = Les téléphones l'affichent avec chaque demande : utilisez le nom que vos utilisateurs connaissent. Il peut être changé plus tard.
application-name-none = Saisissez le nom sous lequel vos utilisateurs la connaissent.
application-name-unseen = Utilisez des caractères qui se voient.
application-name-long = Utilisez au plus 60 caractères.
application-name-scripts = Utilisez les lettres d'une seule écriture, ou des latines avec une seule autre : des lettres qui se ressemblent sont mêlées ici.
application-name-reserved = C'est le nom de la Console elle-même. Choisissez-en un autre, que vos utilisateurs connaissent.

credentials-title = Identifiants
credentials-added = { $application } est ajoutée
credentials-these = Voici ses identifiants.
credentials-new-title = Nouveau secret
credentials-new = { $application } a un nouveau secret
credentials-before-over = Le précédent ne vaut plus.
credentials-before-stays = Le précédent vaut encore un certain temps : mettez entre-temps le nouveau à sa place.
credentials-once = Le secret n'est montré que cette fois :
credentials-once-why = personne ne peut le retrouver plus tard, pas même ici. Gardez-le là où votre application le trouve, et nulle part ailleurs.
credentials-lines = En lignes pour un shell ou un fichier .env
credentials-copy-all = Tout copier
credentials-kept = J'ai gardé le secret

overview-id = Identifiant de l'application
overview-server = Serveur
overview-users = Utilisateurs
overview-sessions = Sessions ouvertes
overview-role = Votre rôle
overview-first-title = Pas encore d'utilisateurs
overview-first-variables = Définissez les trois variables
overview-first-variables-how = là où votre application tourne : { $variables }, et le secret qui vous a été montré.
overview-first-enrol = Inscrivez un utilisateur :
overview-first-enrol-how = votre application ajoute l'utilisateur ici et affiche un lien pour le téléphone.
overview-first-sign-in = Connectez-vous :
overview-first-sign-in-how = le téléphone demande, l'utilisateur accepte, et vous voyez la session ici.
overview-leave = Quitter cette application
overview-joined = Vous faites maintenant partie de cette application.
overview-is-member = Vous faites déjà partie de cette application ; l'invitation vaut encore pour quelqu'un d'autre.

users-title = Utilisateurs
users-failed = Personne n'a été ajouté.
users-first-title = Pas encore d'utilisateurs
users-first = Un utilisateur est un identifiant opaque que votre application a inventé, comme un jeton aléatoire : ni nom, ni adresse. La plupart des applications ajoutent elles-mêmes leurs utilisateurs quand quelqu'un s'inscrit ; vous pouvez aussi en ajouter ici, et donner à chacun un lien qui enregistre un téléphone.
users-search-label = L'identifiant commence par
users-search = Rechercher
users-all = Tous
users-none-here = Il n'y a personne à cet endroit de la liste.
users-none-begins = Aucun identifiant ne commence par { $prefix }.
users-none-begins-here = À cet endroit de la liste, aucun identifiant ne commence par { $prefix }.
users-to-start = Au début
users-search-start = Rechercher depuis le début
users-id = Identifiant
users-phone = Téléphone
users-phone-since = enregistré
users-phone-none = aucun
users-sessions = Sessions ouvertes
users-added = Ajouté
list-pages = Pages de la liste
list-previous = Précédent
list-next = Suivant
users-add-title = Ajouter des utilisateurs
users-add-label = Identifiants, un par ligne
users-add-hint = Utilisez des jetons qui ne disent rien de la personne. Ceux qui sont déjà ici restent tels quels.
users-add = Ajouter
users-deleted = L'utilisateur est supprimé.
users-were-here = Rien n'a été changé. Déjà ici : { $existing }.
users-were-added = Ajoutés : { $created }.
users-were-added-and-here = Ajoutés : { $created }. Déjà ici : { $existing }.
users-none-given = Saisissez au moins un identifiant.
users-too-many = Ajoutez au plus { $most } utilisateurs à la fois.
users-line-wrong = La ligne { $line } n'est pas un identifiant : elle est trop longue, ou contient des caractères qu'aucun identifiant n'a.
sessions-title = Sessions
sessions-reload = Recharger
sessions-none-title = Personne n'est connecté
sessions-none = Une session apparaît ici quand votre application interroge le téléphone d'un utilisateur, et disparaît quand l'utilisateur se déconnecte, quand son temps est écoulé, ou quand elle est fermée ici.
sessions-no-older = Il n'y a pas de sessions plus anciennes.
sessions-state = État
sessions-since = Depuis
sessions-ends = Fin
sessions-actions = Actions
sessions-deleted = supprimé
sessions-log-out = Déconnecter
sessions-withdraw = Retirer
sessions-older = Plus anciennes
sessions-newest = Aux plus récentes
sessions-ended = La session est fermée.
state-pending = attend le téléphone
state-identifying = le téléphone demande
state-active = active
state-walkaway = absent
state-ended = fermée
end-session-heading = Déconnecter { $user } ?
end-session-at-once = La session commencée { $since } se ferme tout de suite, où qu'elle soit ouverte.
end-session-others = Les autres sessions de cet utilisateur continuent.
end-session-withdraw-heading = Retirer ce qui est demandé au téléphone de { $user } ?
end-session-withdraw = La connexion prend fin tout de suite. Personne n'est connecté par elle.
confirm-unchanged = Rien n'a été changé.
confirm-type = Tapez { $name } pour continuer
confirm-not-the-name = Ce n'est pas le nom. Rien n'a été changé.
confirm-use-button = Utilisez le bouton ci-dessous pour continuer.

user-all = Tous les utilisateurs
user-phone = Téléphone
user-phones = Téléphones
user-phone-number = Téléphone { $number }
user-phone-name = Nom
user-platform = Plateforme
user-platform-unknown = inconnue
user-registered = Enregistré
user-last-used = Dernière utilisation
user-key = Clé
user-key-own = La sienne : chaque réponse est signée sur le téléphone.
user-key-shared = Partagée avec ce service. Un nouveau lien d'enregistrement donne au téléphone une clé à lui.
user-unlocking = Déverrouillage
user-unlock-since = Prouvé par une clé d'accès, créée { $since }.
user-unlock-synced = Elle est synchronisée : elle est aussi sur d'autres appareils de l'utilisateur.
user-unlock-can-sync = Elle peut être synchronisée vers d'autres appareils de l'utilisateur, et ne l'est pas encore.
user-unlock-stays = Elle reste sur ce téléphone.
user-unlock-none = Non configuré. Le téléphone crée une clé d'accès quand une connexion demande pour la première fois la méthode device.
user-recovered = Récupéré
user-recovered-until = Un code de récupération l'a ajouté. Jusque-là, il ne change rien aux autres téléphones :
user-remove = Retirer
user-no-phone = Aucun téléphone n'est enregistré ; cet utilisateur ne peut donc pas se connecter.
user-make-link = Créez un lien, et laissez l'utilisateur l'ouvrir sur le téléphone.
user-waits = Un téléphone attend d'être confirmé : par son code sur un téléphone de l'utilisateur, ou par un code de récupération. Il est ensuite oublié :
user-codes-left = Codes de récupération restants : { $count }
user-link-out = Un lien d'enregistrement est en circulation, et n'a pas encore été utilisé. Un autre y met fin. Sinon, il expire :
user-new-link = Nouveau lien d'enregistrement
user-add-phone = Ajouter un téléphone
user-test-push = Envoyer une notification d'essai
user-phone-lost = Téléphone perdu
user-remove-phone = Retirer le téléphone
user-remove-phones = Retirer tous les téléphones
user-log-out-everywhere = Déconnecter partout
user-signed-in-nowhere = Cet utilisateur n'est connecté nulle part.
user-this-session = cette session
user-delete = Supprimer cet utilisateur
user-title = Utilisateur
user-was-added = L'utilisateur est ajouté. Ensuite : un téléphone.
user-was-here = Cet utilisateur était déjà ici.
user-phone-registered = Le téléphone est enregistré.
user-phone-removed = Le téléphone est retiré, et ses sessions sont fermées.
user-push-queued = Une notification d'essai est en route. La page « { tab-pushes } » dit ce qu'elle devient.
user-push-nowhere = Aucun téléphone de cet utilisateur ne peut recevoir de notification. Demandez-lui d'ouvrir la page du téléphone et d'activer les notifications.
user-logged-out = L'utilisateur est déconnecté partout.
