# Les textes des pages de connexion.

language-name = Français
languages-label = Langue
tab-title = { $page } · { $application }

login-title = Connexion
login-heading = Se connecter à { $application }
login-lead = Votre téléphone demande si c'est bien vous. Il n'y a pas de mot de passe.
login-name-label = Nom d'utilisateur
login-button = Se connecter
login-button-busy = Votre téléphone est interrogé…
login-code-lead = Ouvrez IAMPASS sur votre téléphone et scannez le code. Vous n'avez besoin ni de nom d'utilisateur ni de mot de passe.
login-code-button = Afficher le code QR
login-code-button-phone = Se connecter avec IAMPASS
login-code-or = Ou connectez-vous avec votre nom d'utilisateur
login-code-over = Le code QR a été affiché pendant quelques minutes, et personne ne l'a scanné.
login-code-gone = Le code QR n'est plus affiché ici.
login-keep = Rester connecté dans ce navigateur
login-keep-how = Sinon, vous êtes déconnecté quand le navigateur est fermé, et au plus tard après { $duration }.
login-no-phone = Pas encore de téléphone enregistré ?
login-lost-phone = Téléphone perdu ?

problem-title = Non connecté
problem-empty-name = Saisissez votre nom d'utilisateur.
problem-name-too-long = Ce ne peut pas être un nom d'utilisateur : il est trop long, ou contient des caractères qui ne se tapent pas.
problem-too-many = Trop de connexions ont été commencées en peu de temps. Réessayez dans { $duration }.
problem-unreachable = Le service de connexion ne répond pas en ce moment. Rien n'est perdu : réessayez dans un instant.
problem-cross-site = Cette connexion a été commencée sur un autre site ou à une autre adresse ; votre téléphone n'a donc pas été interrogé. Si c'est bien vous qui voulez vous connecter, faites-le ici :
try-again = Réessayer

wait-preparing-title = Un instant
wait-preparing = Votre demande est en route vers le téléphone. N'acceptez encore aucune demande.
wait-displaced = Un autre navigateur se connectait avec ce nom, et sa demande a été retirée. Si ce n'était pas vous, refusez toute demande que vous n'avez pas faite dans ce navigateur.
wait-title = Regardez votre téléphone
wait-lead = Acceptez la demande sur votre téléphone, et cette page continuera d'elle-même.
wait-code-title = Acceptez sur votre téléphone
wait-code-lead-ringing = Votre téléphone affiche la demande. Scannez-y ce code, ou tapez les chiffres, et cette page continuera d'elle-même.
wait-code-lead = Ouvrez IAMPASS sur votre téléphone. Scannez-y ce code, ou tapez les chiffres, et cette page continuera d'elle-même.
wait-code-qr-label = Code QR pour IAMPASS sur votre téléphone
wait-moving-title = Scannez avec votre téléphone
wait-moving-lead = Ouvrez IAMPASS sur votre téléphone et scannez ce code. Il change sans cesse, et cette page continuera d'elle-même.
wait-moving-preparing = Le code QR apparaît dans un instant.
wait-moving-reloads = Cette page se recharge toutes les quelques secondes. Si le téléphone dit que le code est trop ancien, scannez le plus récent. Pour vous connecter sur le téléphone lui-même, activez JavaScript ou utilisez votre nom d'utilisateur.
wait-code-label = Code
wait-code-said = Le code est { $code }.
wait-code-open = Ouvrir IAMPASS sur ce téléphone
wait-application = Application
wait-user = Utilisateur
wait-until = Attend jusqu'à
wait-deny = Refusez si l'application que votre téléphone nomme n'est pas { $application }.
wait-seconds = { $seconds } s
wait-left = restantes pour accepter
wait-soon-over = Il reste { $seconds } secondes pour accepter.
wait-trouble = Le service de connexion ne répond pas en ce moment. Cette page continue d'essayer, et rien n'est perdu.
wait-trouble-over = Le service de connexion répond de nouveau.
wait-offline = Cette page a perdu la connexion avec { $application }. Elle continue d'essayer d'elle-même.
wait-online = La connexion est rétablie.
wait-cancel = Annuler

end-declined-title = Refusé
end-declined = La demande a été refusée sur le téléphone ; vous n'êtes donc pas connecté.
end-reported-title = Signalé
end-reported = Le propriétaire du téléphone dit que quelqu'un d'autre a commencé cette connexion ; vous n'êtes donc pas connecté. Ce navigateur compte désormais comme inconnu, et le téléphone n'affiche de lui-même aucune demande pendant un certain temps. Si c'est bien vous qui vous connectez : réessayez, ouvrez IAMPASS sur votre téléphone, et scannez ou tapez le code de cette page.
end-wrong-code-title = Code erroné
end-wrong-code = Le code venu du téléphone était faux trois fois ; vous n'êtes donc pas connecté. Réessayez, et scannez ou tapez le nouveau code.
end-no-answer-title = Pas de réponse à temps
end-no-answer = Personne n'a répondu à temps sur un téléphone ; vous n'êtes donc pas connecté.
end-no-phone = Pas encore de téléphone enregistré ?
end-no-phone-how = Voir comment en enregistrer un
end-cancelled-title = Annulé
end-cancelled = La demande a été retirée. Si votre téléphone l'affiche encore, refusez-la.
end-failed-title = Cela n'a pas fonctionné
end-failed = Quelque chose s'est mal passé en chemin ; vous n'êtes donc pas connecté.
end-unreachable-title = Service injoignable
end-unreachable = Le service de connexion ne répond pas en ce moment ; vous n'êtes donc pas connecté. Rien n'est perdu : réessayez dans un instant.
end-elsewhere-title = Terminé ailleurs
end-elsewhere = Cette connexion a été terminée dans un autre navigateur, et ne vaut que pour un seul. Si ce n'était pas vous, fermez l'autre session sur votre téléphone.
end-replaced-title = Recommencé
end-replaced = Une connexion plus récente a été commencée dans ce navigateur ; celle-ci a donc été retirée. Si vous ne l'avez pas commencée vous-même, refusez la demande sur votre téléphone.
end-superseded-title = Commencé dans un autre navigateur
end-superseded = Un autre navigateur a commencé à se connecter avec ce nom ; votre demande a donc été retirée. Si ce n'était pas vous, refusez la demande sur votre téléphone, puis renvoyez la vôtre.
end-busy-title = Téléphone non interrogé
end-busy = Un autre navigateur se connecte avec ce nom en ce moment ; aucun téléphone n'a donc été interrogé pour cette connexion. Si ce n'est pas vous, refusez la demande sur votre téléphone. Réessayez dans une minute.
end-paused-title = En pause
end-paused = Plusieurs demandes ont été refusées sur le téléphone ; il n'est donc plus interrogé pendant un certain temps. Réessayez plus tard, ou utilisez un navigateur dans lequel vous vous êtes déjà connecté.
end-too-many-title = Trop de connexions
end-too-many = Trop de connexions ont été commencées avec ce nom ; aucun téléphone n'a donc été interrogé pour celle-ci. Refusez les demandes qui attendent sur votre téléphone, et réessayez dans une minute.
end-refused-title = Connexion impossible pour le moment
end-refused = Le service de connexion refuse { $application } pour le moment ; aucun téléphone n'a donc été interrogé. Les responsables de l'application { $application } en trouvent la raison dans son journal.
end-unknown-user-title = Pas de compte ici
end-unknown-user = { $application } n'a pas de compte pour l'utilisateur de ce téléphone, ou le compte est désactivé. Connectez-vous avec votre nom d'utilisateur, ou demandez aux responsables de l'application { $application }.
end-sign-in-again = Continuer
returned-elsewhere-title = Non commencé dans ce navigateur
returned-elsewhere = La connexion que vous avez acceptée a été commencée dans un autre navigateur ; personne n'a donc été connecté à { $application }. Si quelqu'un vous a envoyé un lien, ne l'utilisez pas. Pour vous connecter, commencez ici :
end-send-again = Renvoyer
end-other-name = Utiliser un autre nom d'utilisateur

enrol-title = Enregistrez votre téléphone
enrol-lead = Ce téléphone acceptera les connexions du compte { $name }.
enrol-preparing-title = Préparation de votre lien
enrol-preparing = Cela prend un instant. La page continuera d'elle-même.
enrol-step-scan = Scannez ce code avec votre téléphone.
enrol-step-confirm = Confirmez-y l'enregistrement. Cette page continuera d'elle-même.
enrol-qr-label = Code QR du lien d'enregistrement
enrol-here-already = Déjà sur ce téléphone ?
enrol-open-link = Ouvrir le lien
enrol-link-label = Lien d'enregistrement
enrol-link-warning = La première personne qui ouvre ce lien acceptera désormais les connexions. Ne le montrez à personne.
enrol-copy = Copier
enrol-copied = Copié
enrol-copy-failed = Non copié : le lien est sélectionné, copiez-le à la main.
add-title = Ajouter un autre téléphone
add-step-scan = Scannez ce code avec le nouveau téléphone et confirmez-y l'enregistrement.
add-step-confirm = Le nouveau téléphone affiche six chiffres. Sur un téléphone que vous avez, ouvrez la liste de vos téléphones et tapez ces chiffres.
add-step-remove = Retirez-y aussi le téléphone perdu. Jusque-là, il peut accepter des connexions.
add-step-recovered = Le nouveau téléphone peut accepter des connexions tout de suite. Vos autres téléphones en sont avertis.
add-step-remove-later = Le téléphone perdu peut accepter des connexions jusqu'à ce qu'il soit retiré. Le nouveau pourra le retirer dans un jour, dans la liste de vos téléphones. S'il est possible que quelqu'un l'ait, demandez aux responsables de l'application { $application } de le désactiver maintenant.
enrol-registered-title = Téléphone enregistré
enrol-registered = Désormais, il est interrogé à chaque connexion du compte { $name }.
enrol-go-on = Continuer
enrol-not-in-time-title = Le lien n'est plus valable
enrol-not-in-time = Aucun téléphone n'a été enregistré à temps. Créez un nouveau lien et réessayez.
enrol-new-link = Créer un nouveau lien
enrol-failed-title = Le téléphone n'a pas été enregistré
enrol-failed = Le service de connexion n'a pas pu créer de lien, ou n'a pas répondu. Rien n'est perdu : réessayez dans un instant.
enrol-no-ticket-title = Comment enregistrer un téléphone
enrol-no-ticket = Un téléphone s'enregistre depuis { $application } : quand vous y créez votre compte, un lien pour votre téléphone s'affiche.
enrol-no-ticket-help = Si vous avez un compte mais pas de téléphone, ou si votre lien n'est plus valable, demandez-en un nouveau aux responsables de l'application { $application }.
back-to-login = Retour à la connexion

account-title = Connexions et téléphones
account-back = Retour à { $application }
sessions-title = Où vous êtes connecté
sessions-lead = Connecté en tant que { $name }.
sessions-list = Sessions
sessions-this-one = Ce navigateur
sessions-other = Un autre navigateur
sessions-browser = { $browser } sous { $system }
sessions-from = Depuis { $address }
sessions-since = Connecté { $ago }
sessions-end = Se déconnecter
sessions-end-all-lead = Quelque chose ici n'est pas à vous ? Fermez toutes les sessions, celle-ci aussi.
sessions-end-all = Se déconnecter partout
browsers-title = Navigateurs qui vous connaissent
browsers-lead = Vous vous êtes connecté dans ces navigateurs. Ils peuvent faire interroger votre téléphone quand d'autres ne le peuvent pas.
browsers-used = Dernière connexion { $ago }
browsers-forget = Oublier
browsers-forget-all = Oublier tous les navigateurs
phones-title = Vos téléphones
phones-some = Vous avez un téléphone qui accepte vos connexions.
phones-none = Aucun téléphone n'accepte plus vos connexions. Avant de vous déconnecter, demandez aux responsables de l'application { $application } un lien pour en enregistrer un.
phones-unknown = On ne sait pas pour le moment si un téléphone accepte vos connexions : le service de connexion ne répond pas.
phones-how = Pour voir tous vos téléphones, en ajouter un ou en retirer un, ouvrez IAMPASS sur l'un de vos téléphones, puis « Vos téléphones ».
recovery-title = Codes de récupération
recovery-how = Un code de récupération admet un nouveau téléphone quand vous avez perdu le vôtre. Pour créer de nouveaux codes, ouvrez IAMPASS sur votre téléphone, puis « Vos téléphones ». Les codes créés auparavant cessent alors de fonctionner. Gardez les codes loin du téléphone.

lost-title = Téléphone perdu ?
lost-offer = Vous pourrez enregistrer un autre téléphone dans { $duration }, { $name }, depuis ce navigateur. Jusque-là, toute connexion que votre téléphone accepte arrête ce remplacement, et vous pouvez aussi l'arrêter dans tout navigateur où vous êtes connecté.
lost-ask-button = Demander à remplacer le téléphone
lost-waiting = Ce navigateur pourra enregistrer un autre téléphone dans { $duration }. Revenez alors sur cette page.
lost-waiting-elsewhere = Un autre navigateur a demandé à remplacer votre téléphone, { $name }. Il pourra le faire dans { $duration }. Si ce n'était pas vous, arrêtez-le maintenant et déconnectez-vous partout.
lost-stop-button = Arrêter
lost-lead = Le téléphone peut être remplacé maintenant, { $name }. Trois choses se produisent alors :
lost-disables = Le téléphone ne peut plus accepter aucune connexion.
lost-ends = Toutes vos sessions se ferment, celle-ci aussi.
lost-new-link = Vous recevez un lien pour enregistrer un autre téléphone. Ayez ce téléphone sous la main.
lost-button = Remplacer le téléphone
lost-keep = Le garder
lost-code-title = Avec un code de récupération
lost-code-lead = Tapez votre nom d'utilisateur et l'un des codes de récupération que votre téléphone a créés dans la liste de vos téléphones. Vous recevez un lien pour un nouveau téléphone. Chaque code sert une fois.
lost-code-label = Code de récupération
lost-code-button = Utiliser le code
lost-other-title = Avec un autre de vos téléphones
lost-other-lead = Vous recevez un lien pour un nouveau téléphone. Ce téléphone reste en attente jusqu'à ce qu'un téléphone que vous avez le confirme.
lost-other-button = Ajouter un téléphone
lost-other-sign-in = Connectez-vous avec le téléphone que vous avez, puis revenez sur cette page.
lost-problem-title = Rien n'a été changé
lost-problem-incomplete = Saisissez votre nom d'utilisateur et un code de récupération.
lost-problem-wrong-code = Ce code n'existe pas avec ce nom d'utilisateur, ou n'est plus valable. Comparez chaque lettre avec ce que vous avez noté, ou prenez un autre code.
lost-problem-too-many = Trop d'essais en peu de temps. Réessayez dans { $duration }.
lost-problem-no-room = Vous avez déjà le plus grand nombre de téléphones possible. Sur un téléphone que vous avez, ouvrez la liste de vos téléphones et retirez-en un que vous n'utilisez pas. Réessayez ensuite : aucun code n'a été utilisé.
lost-problem-no-key = L'un de vos téléphones ne peut en avoir un autre à côté de lui. Demandez aux responsables de l'application { $application } un lien qui le remplace. Aucun code n'a été utilisé.
lost-problem-in-use = L'un de vos téléphones a été utilisé après la demande de remplacement : il n'est donc pas remplacé. Si vous n'avez pas de téléphone, demandez de l'aide aux responsables de l'application { $application }. Si vous n'avez pas fait cette demande, terminez toutes vos sessions.
lost-problem-unreachable = Le service de connexion ne répond pas en ce moment. Réessayez dans un instant. Si le code n'est alors pas accepté, utilisez-en un autre.
lost-logged-out = Sans le téléphone, vous ne pouvez pas vous connecter ici, et personne d'autre ne le peut sans le déverrouiller.
lost-elsewhere = Encore connecté dans un autre navigateur ? Ouvrez-y cette page.
lost-help = Demandez aux responsables de l'application { $application }. Ils peuvent désactiver le téléphone et vous donner un lien pour un autre.

away-title = Vous semblez absent
away-text = Revenez pour continuer.
away-log-out = Se déconnecter
offline-title = Connexion perdue
offline-text = Cette page reviendra d'elle-même avec la connexion.

unavailable-title = Indisponible pour le moment
unavailable-text = On ne sait pas en ce moment si vous êtes connecté. Rien n'est perdu : rechargez cette page dans un instant.
signed-in-as = Connecté en tant que { $name }

unproven-title = Ceci demande une connexion plus forte
unproven-code = Reconnectez-vous, et scannez ou tapez sur votre téléphone le code que la page de connexion affiche.
unproven-unlocked = Reconnectez-vous, et déverrouillez votre téléphone quand il vous le demande.
unproven-key = Votre téléphone n'a pas de clé à lui, ce qui est nécessaire ici. Demandez aux responsables de l'application { $application } comment l'enregistrer de nouveau, puis reconnectez-vous.
unproven-link = Se reconnecter
cross-site-title = Rien n'a été fait
cross-site-text = Ceci venait d'un autre site, ou d'une autre adresse de l'application { $application }, et a été refusé. Si vous le vouliez, faites-le à l'adresse ci-dessous.
cross-site-link = Continuer sur { $address }
not-found-title = Cette page n'existe pas
not-found-text = Il n'y a rien à cette adresse.
forbidden-title = Vous ne pouvez pas ouvrir cette page
forbidden-text = Vous êtes connecté en tant que { $name }, et cette page est destinée à d'autres. Les responsables de { $application } décident qui peut l'ouvrir. Si vous avez un autre nom d'utilisateur, déconnectez-vous d'abord.

ago = il y a { $duration }
just-now = à l'instant

duration-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
duration-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
