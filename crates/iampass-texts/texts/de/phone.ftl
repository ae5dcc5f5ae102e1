# Die Texte der Seite, die das Telefon ist.

language-name = Deutsch
language-label = Sprache
language-of-browser = Wie im Browser eingestellt

app-name = IAMPASS-Telefon
app-description = Nimmt Anmeldungen an.
tab-title = { $page } · { app-name }
connection-lost = Verbindung verloren, neuer Versuch läuft

front-title = Anmeldedienst
front = Hier nehmen Menschen ihre Anmeldungen auf einem Telefon an. Es gibt keine Passwörter. Um sich bei einer Anwendung anzumelden, öffnen Sie diese Anwendung.
front-phone = Telefonseite öffnen
front-phone-how = Die Telefonseite macht diesen Browser zu einem Telefon, das Ihre Anmeldungen annimmt.
front-console = Console öffnen
front-console-how = In der Console fügen Entwickler Anwendungen hinzu, deren Benutzer sich mit dem Telefon anmelden.
front-docs = Beschreibung der API, für Programme

no-script-title = Das Telefon braucht JavaScript
no-script = Diese Seite unterschreibt, was sie sendet, und das kann ein Browser nur mit Skripten. Erlauben Sie Skripte für diese Adresse und laden Sie die Seite neu.
insecure-title = Diese Seite braucht eine sichere Verbindung
insecure = Die Verschlüsselung, die ein Telefon braucht, bieten Browser nur über https oder unter localhost an. Öffnen Sie diese Seite noch einmal unter einer solchen Adresse.
link-stays-valid = Ein Registrierungslink bleibt gültig: Es wurde nichts verbraucht.
no-storage-title = Dieser Browser merkt sich nichts
no-storage = Ein Telefon muss sich merken, wem es gehört, und dieser Browser lässt die Seite nichts speichern. Erlauben Sie Websitedaten für diese Adresse oder nehmen Sie einen anderen Browser.
elsewhere-title = Das Telefon ist in einem anderen Tab geöffnet
elsewhere = Anfragen erscheinen dort. Wenn jener Tab geschlossen wird, übernimmt dieser.
elsewhere-use-here = Hier verwenden
elsewhere-tab = In einem anderen Tab geöffnet

register-title = Dieses Telefon registrieren?
register-ask = Dieser Browser nimmt dann Anmeldungen für die Person an, für die der Link bestimmt ist. Machen Sie nur weiter, wenn Sie das sind.
register-service = Dienst:
register-here = Dieser Browser ist schon ein Telefon:
register-here-how = Wenn der Link für ein anderes Telefon ist, tippen Sie auf „{ register-later }“ und öffnen Sie ihn dort. Er bleibt gültig. Tippen Sie nur dann auf „{ register-now }“, wenn dieses Telefon einen weiteren Benutzer bekommen soll.
register-keyless-title = Dieser Browser bewahrt keine Schlüssel auf.
register-keyless = IndexedDB fehlt hier oder ist gesperrt. Das Telefon wäre nur an einem gemeinsamen Geheimnis zu erkennen, und Anwendungen können mehr verlangen.
register-keyless-how = Besser: Erlauben Sie Websitedaten für diese Adresse, oder öffnen Sie den Link in einem anderen Browser. Er bleibt gültig, bis Sie auf „{ register-now }“ tippen.
register-later = Nicht jetzt
register-now = Registrieren
register-again = Noch einmal versuchen
register-to-phone = Zum Telefon
register-unusable-title = Dieses Telefon kann nicht verwendet werden
register-foreign = Es wurde registriert, aber der Dienst hat Adressen eines anderen Hosts genannt, die diese Seite nicht aufruft. Öffnen Sie einen neuen Link unter der öffentlichen Adresse des Dienstes.
register-not-kept = Es wurde registriert, aber dieser Browser hat nicht gespeichert, was er sich merken muss. Schaffen Sie Platz in seinem Speicher oder nehmen Sie einen anderen Browser, mit einem neuen Link.
register-not-let-in-title = Dieses Telefon wurde nicht zugelassen
register-not-let-in = Ein anderes Telefon hat es abgelehnt, sein Code war dreimal falsch, oder eine Stunde ist um. Erstellen Sie auf einem Telefon, das Sie haben, einen neuen Link und öffnen Sie ihn hier.
register-link-tab = Link ungültig
register-link-title = Dieser Link kann nicht verwendet werden
register-link = Er wurde schon verwendet, ein neuerer hat ihn ersetzt, oder er ist abgelaufen. Bitten Sie dort um einen neuen, wo Sie diesen bekommen haben.
register-failed-title = Dieses Telefon wurde nicht registriert
register-here-already-title = Dieser Browser ist schon Ihr Telefon
register-here-already = Er nimmt die Anmeldungen von { $user } bei { $application } an und tut das weiterhin. Der Link war für ein anderes Telefon und ist verbraucht: Öffnen Sie auf diesem Telefon „{ phones-open }“, erstellen Sie einen neuen Link und öffnen Sie ihn auf dem anderen.
registered-title = Dieses Telefon ist registriert
registered = Anmeldeanfragen von { $application } für { $user } erscheinen hier von selbst.
codes-offer-title = Halten Sie einen Ersatzweg bereit
codes-offer = Wenn dieses Telefon verloren geht oder kaputt ist, lässt ein Wiederherstellungscode ein neues Telefon von { $user } bei { $application } zu. Erstellen Sie die Codes jetzt, und bewahren Sie sie nicht beim Telefon auf. Später geht es auch unter „{ phones-open }“.
codes-offer-make = Wiederherstellungscodes erstellen
codes-offer-later = Später

waiting-tab = Wartet auf Bestätigung
waiting-title = Bestätigen Sie dieses Telefon auf einem anderen
waiting = Öffnen Sie auf einem Telefon, das Sie haben, „{ phones-open }“ und tippen Sie diese Ziffern ein. Sie können diese Seite inzwischen schließen: Eine Stunde lang zeigt sie die Ziffern wieder.
waiting-recovery-label = Kein anderes Telefon zur Hand? Geben Sie einen Wiederherstellungscode ein
waiting-recovery-use = Wiederherstellungscode verwenden
waiting-stop = Dieses Telefon nicht hinzufügen

request-tab = ({ $count }) Anmeldeanfrage · { $application }
request-said = Anmeldeanfrage von { $application } für { $user }.
request-title = Melden Sie sich gerade an?
request-seconds = { $seconds } s
request-left = übrig
request-application = Anwendung
request-user = Benutzer
request-browser = Browser
request-known = schon verwendet
request-unknown = noch nie verwendet
request-address = Adresse
request-asked = Gefragt
request-in-front = Nehmen Sie nur an, wenn Sie die Anmeldeseite vor sich haben, und niemals, weil jemand Sie darum bittet.
request-by-link = Nehmen Sie nur an, wenn Sie gerade in diesem Browser begonnen haben, sich anzumelden. Danach geht es zurück zur Anmeldeseite.
request-more = { $count ->
    [one] { $count } weitere Anfrage wartet.
   *[other] { $count } weitere Anfragen warten.
}
request-no-unlocking = Die Anwendung verlangt, dass Sie dieses Telefon entsperren. { $why } Hier können Sie nur ablehnen.
request-impossible = Die Anwendung verlangt etwas, das diese Seite nicht geben kann ({ $what }). Sie können nur ablehnen.
request-also-unlock = Sie werden außerdem gebeten, dieses Telefon zu entsperren.
request-also-unlock-simulated = Sie werden außerdem gebeten, dieses Telefon zu entsperren (simuliert).
request-also-face-simulated = Sie werden außerdem gebeten, Ihr Gesicht zu zeigen (simuliert).
accept = Annehmen
deny = Ablehnen
report = Das bin ich nicht: melden
report-word = Lehnt ab und hält fest, dass jemand anderes in Ihrem Namen gefragt hat. Eine Zeit lang erscheinen hier dann keine Anfragen von selbst. Anmelden mit dem Code geht weiterhin.

code-label = Sechs Ziffern von der Anmeldeseite
code-hint = Sie stehen neben einem QR-Code, den Sie stattdessen scannen können.
code-scan-short = Scannen
code-scan = Code scannen
code-typed = Der Code { $code } ist da.
code-scanned = Der Code wurde gescannt.
code-by-link = Die Anmeldeseite dieses Browsers hat hierher geführt.
code-wrong = { $count ->
    [one] Falscher Code. Tippen Sie ein, was die Anmeldeseite zeigt. Noch { $count } Versuch.
   *[other] Falscher Code. Tippen Sie ein, was die Anmeldeseite zeigt. Noch { $count } Versuche.
}
code-wanted = Der Dienst verlangt den Code: Tippen oder scannen Sie ihn.
code-too-many = Es wurden zu viele falsche Codes hintereinander eingetippt. Scannen Sie den Code, oder versuchen Sie es später noch einmal.
code-too-many-minutes = { $count ->
    [one] Es wurden zu viele falsche Codes hintereinander eingetippt. Scannen Sie den Code, oder versuchen Sie es in einer Minute noch einmal.
   *[other] Es wurden zu viele falsche Codes hintereinander eingetippt. Scannen Sie den Code, oder versuchen Sie es in { $count } Minuten noch einmal.
}

unlock-title = Dieses Telefon entsperren
unlock-button = Entsperren
unlock = Fingerabdruck, Gesicht oder PIN zeigen, dass Sie es sind. Der Browser fragt danach, und weder diese Seite noch der Dienst bekommt sie zu sehen. Beim ersten Mal wird ein Passkey für dieses Telefon erstellt.
unlock-set-up = Der Passkey dieses Telefons ist erstellt. Tippen Sie noch einmal auf „{ unlock-button }“, um sich damit anzumelden.
unlock-simulated-title = Dieses Telefon entsperren (simuliert)
unlock-simulated = Das ist simuliert, für die Entwicklung. Weder Fingerabdruck noch Code wird geprüft: Die Seite sagt nur, dass Sie das Telefon entsperrt haben, und der Dienst glaubt es. Es beweist nichts.
face-simulated-title = Ihr Gesicht zeigen (simuliert)
face-simulated = Das ist simuliert, für die Entwicklung. Es wird kein Bild aufgenommen: Die Seite sagt nur, dass Sie Ihr Gesicht gezeigt haben, und der Dienst glaubt es. Es beweist nichts.
simulate-button = Simulieren
unlock-no-name = Browser entsperren nichts für eine Adresse, die eine Zahl ist. Öffnen Sie diese Seite mit einem neuen Link unter dem Namen des Dienstes oder, auf seinem eigenen Rechner, unter dem Namen localhost.
unlock-no-webauthn = Dieser Browser kann nicht beweisen, dass Sie dieses Telefon entsperrt haben. Aktualisieren Sie ihn, oder registrieren Sie dieses Telefon mit einem neuen Link in einem anderen Browser.
unlock-no-key = Dieses Telefon wurde ohne eigenen Schlüssel registriert und kann deshalb nicht beweisen, dass Sie es entsperrt haben. Registrieren Sie es mit einem neuen Link noch einmal.
unlock-not-taken = Der Dienst hat es nicht angenommen: { $why } Tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen.
unlock-unreachable = Der Dienst war nicht zu erreichen. Prüfen Sie die Verbindung und tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen.
unlock-on-this-device = Ein anderer Browser oder eine andere App auf diesem Gerät ist schon als eines Ihrer Telefone registriert und hat dessen Passkey. Beantworten Sie die Anfrage dort. Wenn Sie es nicht mehr verwenden, entfernen Sie es unter „{ phones-open }“ und tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen.
unlock-wrong-address = Dieser Browser entsperrt unter dieser Adresse nichts. Öffnen Sie diese Seite mit einem neuen Link unter der öffentlichen Adresse des Dienstes.
unlock-too-long = Das Entsperren hat zu lange gedauert und wurde abgebrochen. Wenn die Anfrage noch wartet, tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen.
unlock-no-screen-lock = Dieses Gerät hat weder Fingerabdruck noch Gesicht noch PIN, die der Browser verwenden kann. Richten Sie in den Einstellungen des Geräts eine Bildschirmsperre ein und tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen.
unlock-not-done = Dieses Telefon wurde nicht entsperrt. Tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen, oder lehnen Sie die Anfrage ab.
unlock-failed = Dieses Telefon ließ sich nicht entsperren. Tippen Sie auf „{ unlock-button }“, um es noch einmal zu versuchen, oder lehnen Sie die Anfrage ab und melden Sie sich auf andere Weise an.

reported-title = Abgelehnt und gemeldet
reported = Niemand wurde bei { $application } angemeldet. Es ist festgehalten, dass jemand anderes im Namen von { $user } gefragt hat. Eine Zeit lang erscheinen hier keine Anfragen von selbst: Um sich anzumelden, tippen oder scannen Sie den Code.
denied-title = Abgelehnt
denied = Niemand wurde bei { $application } angemeldet.
over-title = Diese Anfrage ist vorbei
over = Es wurden zu viele falsche Codes gesendet, deshalb wurde niemand bei { $application } angemeldet. Beginnen Sie auf der Anmeldeseite von vorn.
not-signed-in-title = Nicht angemeldet
not-signed-in = Der Dienst hat die Antwort an { $application } nicht angenommen.
accepted-title = Angenommen
accepted = { $application } meldet Sie als { $user } an.
accepted-go-back = Wenn Sie sich auf diesem Gerät anmelden, gehen Sie zurück zu der Seite, auf der Sie begonnen haben.
time-over-title = Die Zeit ist um
time-over = Niemand hat { $application } geantwortet, deshalb wurde niemand angemeldet. Um sich anzumelden, beginnen Sie auf der Anmeldeseite von vorn.
newer-title = Eine neuere Anfrage ist an ihre Stelle getreten
newer = Die Anfrage davor wird nicht mehr gestellt: Bei { $application } wurde eine neuere Anmeldung begonnen. Beantworten Sie die neuere. Wenn Sie sie nicht begonnen haben, lehnen Sie sie ab.
taken-back-title = Nicht mehr gefragt
taken-back = Die Anfrage von { $application } wurde zurückgenommen oder auf einem anderen Telefon beantwortet. Wenn Sie sich noch anmelden möchten, beginnen Sie auf der Anmeldeseite von vorn.
too-late-title = Zu spät
too-late = Die Anfrage von { $application } wird nicht mehr gestellt, Ihre Antwort hat also nichts bewirkt. Wenn Sie sich noch anmelden möchten, beginnen Sie auf der Anmeldeseite von vorn.
not-sent = Ihre Antwort hat den Dienst nicht erreicht. Versuchen Sie es noch einmal.

home-title = Ihr Telefon
home-away-tab = Weg
home-unregistered-tab = Nicht registriert
away-title = Sie sind weg
away-who = Gesperrt, bis Sie zurückkommen: { $names }.
come-back = Ich bin zurück
walk-away = Ich gehe weg
welcome-title = Dieses Telefon ist noch nicht registriert
welcome = Es wird Ihr Telefon, wenn Sie in diesem Browser einen Registrierungslink öffnen:
welcome-ask = Bitten Sie die Anwendung um Ihren Registrierungslink.
welcome-scan = Scannen Sie seinen QR-Code mit der Kamera dieses Telefons oder unten, oder öffnen Sie den Link hier.
welcome-register = Tippen Sie auf „{ register-now }“.
empty = Nichts anzunehmen. Anfragen erscheinen hier von selbst.
unreadable-title = Einige Benutzer können nicht angezeigt werden
unreadable = Dieser Browser gibt nicht heraus, was er für diese Seite aufbewahrt. Laden Sie die Seite neu oder starten Sie den Browser neu.
change-failed-title = Das hat nicht geklappt
logged-out-title = Abgemeldet
logged-out = { $user } ist bei { $application } abgemeldet.

bring-title = Code eintippen oder scannen
bring-another-title = Anderen Code eintippen oder scannen
bring-lead = Die Seite, auf der Sie sich anmelden, zeigt sechs Ziffern und einen QR-Code zum Scannen.
bring-whom = Wessen Code ist es?
bring-label = Sechs Ziffern
bring-go = Weiter
bring-no-digits = Tippen Sie die sechs Ziffern ein, die auf der Anmeldeseite stehen.
bring-looking-title = Die Anfrage wird gesucht
bring-looking = Der Dienst wird gefragt, für wen der Code ist.
bring-needs-phone-title = Der Code braucht ein registriertes Telefon
bring-needs-phone = Wenn das ein anderer Browser auf diesem Gerät ist oder die App, tippen Sie die sechs Ziffern dort ein. Sonst registrieren Sie zuerst dieses Telefon und scannen den Code dann noch einmal.
bring-type-title = Tippen Sie die sechs Ziffern ein
bring-type = Ein Link hat diese Seite geöffnet. Tippen Sie die Ziffern ein, die auf der Anmeldeseite stehen. Wenn Sie nicht gerade begonnen haben, sich anzumelden, tun Sie nichts: Dann hat Ihnen jemand anderes den Link geschickt.
bring-answered-title = Schon beantwortet
bring-answered = Die Anfrage zu diesem Code ist vorbei.
bring-nobody-here-title = Hier ist niemand registriert
bring-nobody-here = Sie nehmen Anmeldungen in einem anderen Browser oder in der App an. Öffnen Sie IAMPASS dort und tippen Sie die sechs Ziffern der Anmeldeseite ein, oder scannen Sie ihren QR-Code.
bring-no-codes-title = Hier kann kein Code verwendet werden
bring-no-codes = Der Dienst unter { $host } nimmt von diesem Telefon keine Codes an.
bring-nobody-chosen-title = Niemand wurde gewählt
bring-nobody-chosen = Es wurde nichts gesendet. Um sich anzumelden, scannen Sie den Code noch einmal.
bring-unreachable-title = Der Code hat den Dienst nicht erreicht
bring-unreachable = Prüfen Sie die Verbindung und versuchen Sie es noch einmal.
bring-wrong-title = Keine Anfrage zeigt diesen Code
bring-wrong-scan = Er wurde schon verwendet, ist abgelaufen oder gehört jemandem, der nicht auf diesem Telefon ist. Laden Sie die Anmeldeseite neu und scannen Sie ihren neuen Code.
bring-wrong-code = Vergleichen Sie ihn mit der Anmeldeseite. Wenn er gleich ist, fragt jene Seite nicht mehr: Ihre Zeit ist um, oder eine neuere Anmeldung ist an ihre Stelle getreten. Beginnen Sie dort von vorn und tippen Sie den neuen Code ein.
bring-wrong-code-several = Vergleichen Sie ihn mit der Anmeldeseite. Wenn er gleich ist, fragt jene Seite nicht mehr: Ihre Zeit ist um, oder eine neuere Anmeldung ist an ihre Stelle getreten. Beginnen Sie dort von vorn und tippen Sie den neuen Code ein. Oder es ist der Code eines anderen Benutzers auf diesem Telefon: Wählen Sie oben aus, wessen Code es ist.
bring-too-many-title = Zurzeit wird kein Code angenommen
bring-not-taken-title = Der Code wurde nicht angenommen
which-title = Wer meldet sich an?
which = Der Code nennt niemanden. Wählen Sie nur sich selbst: Die Anmeldeseite lässt herein, wen Sie wählen.
which-below = Hier sind mehrere Benutzer registriert. Wählen Sie unten einen und tippen Sie auf „{ bring-go }“.
which-none = Niemand: abbrechen
which-again = Der Code hat sich inzwischen geändert. Halten Sie ihn noch einmal vor die Kamera.

scanner-video = Was die Kamera sieht
scanner-stop = Beenden
scanner-looking = Halten Sie den QR-Code der Anmeldeseite vor die Kamera.
scanner-wrong = Dieser Code ist nicht von einer Anmeldeseite von { $host }. Scannen Sie den, der auf der Anmeldeseite steht.
scanner-instead = Tippen Sie stattdessen die sechs Ziffern ein.
scanner-link-looking = Halten Sie den QR-Code Ihres Registrierungslinks vor die Kamera.
scanner-link-wrong = Dieser Code ist kein Registrierungslink von { $host }.
scanner-link-instead = Fügen Sie stattdessen den Link ein.
camera-missing = Dieser Browser gibt dieser Seite keine Kamera.
camera-gone = Die Kamera wurde weggenommen.
camera-no-reader = Der Teil dieser Seite, der Codes liest, konnte nicht geladen werden.
camera-denied = Die Kamera ist für diese Seite nicht erlaubt. Erlauben Sie sie in den Einstellungen des Browsers für diese Adresse und versuchen Sie es noch einmal.
camera-none = Es wurde keine Kamera gefunden.
camera-busy = Ein anderes Programm verwendet die Kamera.
camera-broken = Die Kamera startet nicht.

users-title = Auf diesem Telefon
user-forgotten = Nicht mehr registriert: Dieses Telefon wurde entfernt, oder ein anderes ist an seine Stelle getreten. Um es wieder zu verwenden, bitten Sie um einen neuen Registrierungslink.
user-without-key = Dieses Telefon teilt ein Geheimnis mit dem Dienst, und das ist weniger als ein eigener Schlüssel. Nachträglich bekommt es keinen: Bitten Sie um einen neuen Registrierungslink und öffnen Sie ihn hier.
user-no-session = Keine aktive Sitzung.
user-sessions = Aktive Sitzungen
user-remove = Von diesem Telefon entfernen
session-active = Aktiv
session-away = Weg
session-since = Angemeldet
session-log-out = Abmelden

add-user = Weiteren Benutzer hinzufügen
add-link = Registrierungslink einfügen
link-label = Registrierungslink
link-scan = Link scannen
link-open = Link öffnen
link-wrong = Das ist kein Registrierungslink dieses Dienstes. Ein solcher Link beginnt mit { $start }

remove-title = { $user } von diesem Telefon entfernen?
remove = Die Sitzungen von { $user } in { $application }, die dieses Telefon eröffnet hat, enden. Um hier wieder Anmeldungen anzunehmen, ist ein neuer Registrierungslink nötig.
remove-keep = Behalten
remove-now = Entfernen
remove-anyway = Nur hier vergessen
remove-failed = { $why } Für den Dienst ist dieses Telefon weiterhin registriert. Versuchen Sie es noch einmal, oder vergessen Sie den Benutzer nur hier.
removed-title = Entfernt
removed = Dieser Browser nimmt keine Anmeldungen von { $user } bei { $application } mehr an.

phones-open = Ihre Telefone
phones-title = Telefone von { $user }
phones-waiting-title = Ein neues Telefon wartet
phones-waiting = Wenn es Ihres ist, tippen Sie die sechs Ziffern ein, die es zeigt. Wenn nicht, lehnen Sie es ab.
phones-waiting-label = Sechs Ziffern vom neuen Telefon
phones-confirm = Bestätigen
phones-this = Dieses Telefon
phones-added = Hinzugefügt
phones-paused = Es ist vor weniger als einem Tag hinzugekommen und ändert noch nichts an den anderen Telefonen. Wenn Sie das nicht waren, entfernen Sie es.
phones-new-name = Neuer Name für { $phone }
phones-rename = Umbenennen
phones-rename-one = { $phone } umbenennen
phones-remove = Entfernen
phones-remove-one = { $phone } entfernen
phones-add = Telefon hinzufügen
phones-link = Öffnen Sie diesen Link innerhalb einer Stunde auf dem neuen Telefon. Er gilt einmal.
phones-copy-link = Link kopieren
phones-codes-left = { $count ->
    [one] Es ist noch { $count } Wiederherstellungscode übrig.
   *[other] Es sind noch { $count } Wiederherstellungscodes übrig.
}
phones-codes-made = Codes erstellt
phones-codes-not-yours = Wenn Sie das nicht waren, erstellen Sie neue. Die früheren gelten dann nicht mehr.
phones-make-codes = Neue Wiederherstellungscodes erstellen
phones-codes = Drucken Sie diese Codes aus oder schreiben Sie sie auf, und bewahren Sie sie nicht beim Telefon auf. Sie werden nur dieses eine Mal gezeigt, jeder gilt einmal, und früher erstellte Codes gelten nicht mehr.
phones-copy = Kopieren
phones-print = Drucken
phones-close = Schließen
phones-failure = Das hat nicht geklappt. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.
phones-codes-failure = Es kam keine Antwort. Falls trotzdem neue Codes erstellt wurden, gelten die früheren nicht mehr, und die neuen hat niemand gesehen: Erstellen Sie noch einmal Codes.
phone-ios = iPhone
phone-android = Android-Telefon
phone-web = Browser
phone-nameless = Telefon ohne Namen

news-title = Die Telefone von { $user } haben sich geändert
news-nameless = Ein Telefon ohne Namen
news-waits = { $phone } wartet darauf, zugelassen zu werden. Wenn es nicht Ihres ist, öffnen Sie „{ phones-open }“ und lehnen Sie es ab.
news-confirmed = { $phone } ist jetzt eines Ihrer Telefone. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und entfernen Sie es.
news-recovered = { $phone } wurde mit einem Wiederherstellungscode zugelassen. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und entfernen Sie es jetzt: Nach einem Tag kann es dieses hier entfernen.
news-registered = { $phone } wurde registriert. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und entfernen Sie es.
news-removed = { $phone } wurde entfernt. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und entfernen Sie jedes Telefon, das nicht Ihres ist.
news-codes-made = Auf einem anderen Ihrer Telefone wurden neue Wiederherstellungscodes erstellt: { $phone }. Frühere Codes gelten nicht mehr. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und erstellen Sie hier neue.
news-link-made = Auf einem anderen Ihrer Telefone wurde ein Link für ein weiteres Telefon erstellt: { $phone }. Er gilt eine Stunde lang. Wenn Sie das nicht waren, öffnen Sie „{ phones-open }“ und lehnen Sie das Telefon ab, das damit kommt.

settings = Einstellungen
set-notifications = Dieses Telefon wecken, wenn eine Anfrage wartet
set-sound = Ton, solange diese Seite geöffnet ist
set-vibration = Vibration, solange diese Seite geöffnet ist
set-position = Meine Sitzungen sperren, wenn ich mit diesem Telefon weggehe
set-push-says = Eine Nachricht, die dieses Telefon weckt, sagt nur, dass etwas wartet. Sie nennt niemanden.
pushes-off = Anfragen erscheinen, solange diese Seite geöffnet ist.
pushes-on = Dieses Telefon wird geweckt, wenn eine Anfrage wartet, auch wenn diese Seite geschlossen ist.
pushes-denied = Benachrichtigungen sind für diese Seite nicht erlaubt. Erlauben Sie sie in den Einstellungen des Browsers für diese Adresse.
pushes-denied-now = Benachrichtigungen sind für diese Seite nicht mehr erlaubt. Schalten Sie sie noch einmal ein, um gefragt zu werden.
pushes-subscribing = Die Anmeldung beim Push-Dienst dieses Browsers läuft.
pushes-home-screen = Fügen Sie diese Seite zuerst zum Home-Bildschirm hinzu und öffnen Sie sie von dort.
pushes-impossible = Dieser Browser lässt sich nicht wecken, wenn die Seite geschlossen ist. Anfragen erscheinen, solange sie geöffnet ist.
pushes-unreachable = Der Dienst war nicht zu erreichen. Beim nächsten Öffnen wird es noch einmal versucht.
pushes-failed = Dieser Browser konnte sich nicht für Benachrichtigungen anmelden. Beim nächsten Öffnen wird es noch einmal versucht.
pushes-none = Der Dienst weckt keine Telefone. Sein Betreiber kann das ändern. Lassen Sie diese Seite bis dahin geöffnet, während Sie sich anmelden.
pushes-not-taken = Der Dienst nimmt die Push-Adresse dieses Browsers nicht an. Lassen Sie diese Seite geöffnet, während Sie sich anmelden, und sagen Sie es seinem Betreiber.
pushes-not-subscribed = Dieser Browser konnte sich bei seinem Push-Dienst nicht anmelden. Prüfen Sie die Verbindung.
pushes-no-answer = Der Push-Dienst dieses Browsers antwortet nicht. Prüfen Sie die Verbindung und schalten Sie es später noch einmal ein.
pushes-no-background = Dieser Browser lässt die Seite nicht im Hintergrund arbeiten. Lassen Sie sie geöffnet, während Sie sich anmelden, oder registrieren Sie dieses Telefon in einem anderen Browser.
pushes-no-worker = Der Hintergrunddienst dieser Seite hat nicht begonnen. Laden Sie die Seite neu.
position-off = Schalten Sie es ein, bevor Sie sich anmelden: Dieses Telefon merkt sich, wo Sie annehmen, und sagt dem Dienst nur, ob es in der Nähe dieses Ortes ist. Sitzungen, denen es gefolgt ist, werden innerhalb von zwei Minuten nach dem Ausschalten gesperrt.
position-on = Dieses Telefon merkt sich, wo Sie eine Anmeldung annehmen, und sagt, ob es dort in der Nähe ist: bis zu 100 m, und so viel weiter, wie sein Standort ungenau ist. Der Ort bleibt auf diesem Telefon. Lassen Sie diese Seite geöffnet und den Bildschirm an: Eine geschlossene oder schlafende Seite sagt nichts, und die Sitzung wird nach zwei Minuten gesperrt.
position-denied = Diese Seite darf nicht wissen, wo Sie sind. Erlauben Sie es in den Einstellungen des Browsers für diese Adresse und schalten Sie es noch einmal ein.
position-unknown = Dieses Telefon findet gerade nicht heraus, wo es ist. Wenn das anhält, werden Sitzungen gesperrt.
position-missing = Dieser Browser kann nicht sagen, wo er ist.

just-now = gerade eben

refused = Der Dienst hat abgelehnt: { $message }
refused-without-reason = Der Dienst hat ohne Angabe eines Grundes abgelehnt.
refused-foreign-address = Die Adresse gehört zu einem anderen Dienst und wurde deshalb nicht aufgerufen.
refused-lost-key = Dieses Telefon hat seinen Schlüssel verloren, oder der Dienst kennt einen anderen. Entfernen Sie den Benutzer von diesem Telefon und registrieren Sie es mit einem neuen Registrierungslink noch einmal.
refused-needs-key = Dieses Telefon teilt ein Geheimnis mit dem Dienst, hier ist aber ein eigener Schlüssel nötig. Tippen oder scannen Sie den Code einer Anmeldung mit Ihrem Namen, oder registrieren Sie das Telefon mit einem neuen Registrierungslink noch einmal.
refused-phone-not-allowed = Diese Anwendung nimmt nur Telefone mit einem eigenen Schlüssel. Registrieren Sie dieses Telefon mit einem neuen Registrierungslink noch einmal, in einem Browser, der Schlüssel behält.
refused-unlock-required = Diese Anwendung nimmt nur Anmeldungen, für die das Telefon entsperrt wurde. Beginnen Sie die Anmeldung neu, und entsperren Sie dieses Telefon, wenn es danach fragt.
refused-forgotten = Dieses Telefon ist nicht mehr registriert. Bitten Sie um einen neuen Registrierungslink.
refused-wrong-code = { $count ->
    [one] Das neue Telefon zeigt einen anderen Code. Vergleichen Sie die Ziffern: Noch { $count } Versuch.
   *[other] Das neue Telefon zeigt einen anderen Code. Vergleichen Sie die Ziffern: Noch { $count } Versuche.
}
refused-wrong-code-last = Der Code war zu oft falsch. Erstellen Sie einen neuen Link und fügen Sie das Telefon noch einmal hinzu.
refused-wrong-recovery-code = Das ist keiner Ihrer Wiederherstellungscodes, oder er wurde schon verwendet. Vergleichen Sie jeden Buchstaben mit dem, was Sie aufgeschrieben haben, oder nehmen Sie einen anderen.
refused-wrong-recovery-code-last = Das war der dritte falsche Wiederherstellungscode. Dieses Telefon wartet deshalb nicht mehr und nimmt keinen weiteren Code. Erstellen Sie einen neuen Link, und fügen Sie das Telefon noch einmal hinzu.
refused-too-many-phones = Mehr Telefone können Sie nicht haben. Entfernen Sie eines, das Sie nicht verwenden, und versuchen Sie es dann noch einmal.
refused-phone-key = Ein Telefon kann nur dann zu anderen hinzugefügt werden, wenn jedes einen eigenen Schlüssel hat. Nehmen Sie einen Browser oder eine App, die Schlüssel aufbewahrt, oder einen Link, der das Telefon ersetzt.
refused-unknown-phone = Dieses Telefon gibt es nicht mehr, oder es wartet nicht mehr. Schließen Sie die Liste und öffnen Sie sie noch einmal.
refused-phone-too-new = Dieses Telefon ist vor weniger als einem Tag hinzugekommen. Bis der Tag um ist, ändert es nichts an den anderen Telefonen. Wo ein anderes Ihrer Telefone sich entsperren lässt, nehmen Sie jenes.
refused-session-over = Diese Sitzung gibt es nicht mehr, oder ihr Zustand hat sich geändert.
refused-unlock-not-valid = Der Dienst konnte nicht prüfen, dass Sie dieses Telefon entsperrt haben. Entsperren Sie es noch einmal.
refused-unlock-elsewhere = Der Dienst kennt einen anderen Passkey dieses Telefons. Nehmen Sie jenen. Wenn es ihn nicht mehr gibt, registrieren Sie das Telefon mit einem neuen Link noch einmal.
refused-unlock-none = Der Dienst kennt keinen Passkey dieses Telefons. Nehmen Sie noch einmal an, um einen zu erstellen.
refused-method = Der Dienst kann nicht prüfen, was die Anwendung verlangt. Lehnen Sie ab und sagen Sie es dem Betreiber der Anwendung.
refused-clock = Die Uhr dieses Telefons geht falsch. Stellen Sie sie und versuchen Sie es dann noch einmal.
refused-too-many = In kurzer Zeit wurde zu viel versucht. Warten Sie ein wenig und versuchen Sie es dann noch einmal.
refused-unavailable = Der Dienst ist gerade nicht verfügbar. Vielleicht ist es trotzdem geschehen: Sehen Sie nach, bevor Sie es noch einmal versuchen.
unreachable = Der Dienst war nicht zu erreichen. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.
unreachable-unchanged = Der Dienst war nicht zu erreichen. Es wurde nichts geändert; versuchen Sie es noch einmal.

push-question-title = Eine Anmeldung wartet auf Ihre Antwort
push-question = Öffnen Sie sie, um zu sehen, wer fragt. Wenn Sie nicht gerade begonnen haben, sich anzumelden, lehnen Sie ab.
push-session-title = Eine Ihrer Sitzungen hat sich geändert
push-session = Sie ist beendet, gesperrt oder wieder offen. Öffnen Sie das Telefon, um zu sehen, welche aktiv sind.
push-test-title = Dieses Telefon lässt sich wecken
push-test = Eine Probe ist angekommen. Es wartet nichts: Sie können diese Meldung schließen.
push-unread-title = Auf Ihrem Telefon wartet etwas
push-unread = Öffnen Sie es, um zu sehen, was es ist.
offline-title = Keine Verbindung
offline = Dieses Telefon fragt den Dienst, was wartet, und kann ihn gerade nicht erreichen. Prüfen Sie die Verbindung.
offline-again = Noch einmal versuchen
