# Die Texte der Console.

skip = Zum Inhalt springen
menu = Menü
languages = Sprache
signed-in-as = Angemeldet als
sign-out = Abmelden
applications = Anwendungen
accounts = Konten
your-account = Ihr Konto
tab-overview = Übersicht
tab-users = Benutzer
tab-sessions = Sitzungen
tab-snippets = Codebeispiele
tab-settings = Einstellungen
tab-members = Mitglieder
tab-messages = Nachrichten
tab-pushes = Pushes
tab-log = Protokoll
application-disabled = Diese Anwendung ist gesperrt: Keine ihrer Anfragen wird beantwortet, und niemand kann sich bei ihr anmelden.
copy = Kopieren
copied = Kopiert
not-copied = Nicht kopiert: Der Text ist markiert, kopieren Sie ihn von Hand.
cancel = Abbrechen
continue = Weiter
back = Zurück
sign-in = Anmelden

moment-now = gerade eben
moment-soon = gleich
moment-minutes-ago = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
moment-hours-ago = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
moment-days-ago = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}
moment-in-minutes = { $count ->
    [one] in { $count } Minute
   *[other] in { $count } Minuten
}
moment-in-hours = { $count ->
    [one] in { $count } Stunde
   *[other] in { $count } Stunden
}
moment-in-days = { $count ->
    [one] in { $count } Tag
   *[other] in { $count } Tagen
}

role-owner = Eigentümer
role-owner-may = Alles, auch Mitglieder, Sperren und Löschen.
role-developer = Entwickler
role-developer-may = Benutzer, Telefone, Sitzungen, Einstellungen und das Geheimnis.
role-read-only = Nur lesen
role-read-only-may = Sieht alles außer dem Geheimnis, ändert nichts.
role-administrator = Administrator
role-administrator-may = Administrator des Dienstes. Sie sehen diese Anwendung und dürfen bestimmen, wer zu ihr gehört.

login-no-account = Noch kein Konto?
login-lost-help = Fragen Sie einen Administrator dieser Console oder den Betreiber des Dienstes: `iampass-server console link --name` erstellt einen Link, der das Telefon ersetzt.
login-account-open = Für ein Konto brauchen Sie einen Namen und ein Telefon, aber kein Passwort. Wenn Sie ein Konto, aber kein Telefon haben, erstellt Ihnen der Betreiber des Dienstes mit `iampass-server console link` einen Link.
login-account-invited = Konten gibt es hier auf Einladung: Bitten Sie einen Eigentümer einer Anwendung um einen Link. Wenn Sie ein Konto, aber kein Telefon haben, erstellt Ihnen der Betreiber des Dienstes mit `iampass-server console link` einen.

error-to-console = Zur Console
error-not-found-title = Seite nicht gefunden
error-not-found = Unter dieser Adresse ist nichts, oder nichts, was Ihnen gezeigt wird.
error-method = So kann diese Adresse nicht verwendet werden.
error-not-allowed-title = Nicht erlaubt
error-may-not-see = Sie dürfen diese Anwendung nicht sehen. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-manage-users = Sie dürfen hier keine Benutzer hinzufügen oder löschen. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-manage-devices = Sie dürfen hier die Telefone von Benutzern nicht ändern. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-end-sessions = Sie dürfen hier keine Benutzer abmelden. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-rotate-secret = Sie dürfen das Geheimnis dieser Anwendung nicht ändern. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-configure = Sie dürfen die Einstellungen dieser Anwendung nicht ändern. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-switch-off = Sie dürfen diese Anwendung nicht sperren oder freigeben. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-delete = Sie dürfen diese Anwendung nicht löschen. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-manage-members = Sie dürfen nicht ändern, wer zu dieser Anwendung gehört. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-decide-messages = Sie dürfen nicht über die Nachrichten dieser Anwendung entscheiden: Das tun Administratoren. Fragen Sie einen Eigentümer der Anwendung.
error-may-not-leave = Sie können diese Anwendung nicht verlassen: Sie sind kein Mitglied. Fragen Sie einen Eigentümer der Anwendung.
error-unchanged-title = Es wurde nichts geändert
error-right-ended = Ihre Sitzung oder Ihr Recht dazu endete, bevor es getan war. Melden Sie sich noch einmal an, oder fragen Sie einen Eigentümer der Anwendung.
error-cross-site = Dieses Formular kam von keiner Seite der Console und wurde deshalb abgewiesen. Wenn Sie es wollten, tun Sie es auf der Seite dafür.
error-not-for-scripts = Diese Seite zeigt etwas Geheimes. Deshalb wird sie nur einem Menschen gezeigt und keinem Skript. Verwenden Sie den Knopf auf der Seite der Console.
error-too-long-title = Zu lang
error-too-long = Was gesendet wurde, ist länger, als hier etwas sein kann.
error-not-understood-title = Nicht verstanden
error-not-understood = Was gesendet wurde, ist keines der Formulare der Console. Laden Sie die Seite neu.
error-void-link-title = Dieser Link gilt nicht
error-void-link = Er wurde schon verwendet, ist abgelaufen oder wurde nicht ganz kopiert. Bitten Sie die Person, von der Sie ihn haben, um einen neuen.
error-invited-title = Auf Einladung
error-invited = Konten gibt es hier auf Einladung. Bitten Sie einen Eigentümer einer Anwendung oder den Betreiber des Dienstes um einen Link.
error-too-many-title = Zu viel auf einmal
error-too-many = Von Ihrer Adresse aus wurden in kurzer Zeit viele Konten angelegt. Es wurde nichts getan; versuchen Sie es in einigen Minuten noch einmal.
error-phone-too-new-title = Noch nicht
error-phone-too-new = Ein Wiederherstellungscode hat vor weniger als einem Tag eines Ihrer Telefone zugelassen. Bis ein Tag um ist, ersetzt kein Link die anderen, damit Sie jenes Telefon entfernen können, wenn es nicht Ihres ist. Ein Administrator kann Ihnen einen Link erstellen.
error-unavailable-title = Gerade nicht verfügbar
error-unavailable = Es wurde nichts geändert. Laden Sie diese Seite gleich noch einmal.
error-perhaps-done-title = Vielleicht ist es geschehen
error-perhaps-done = Die Datenbank hat am Ende nicht geantwortet. Deshalb ist nicht bekannt, ob es geschehen ist. Öffnen Sie die Seite, auf der es zu sehen wäre, und sehen Sie nach, bevor Sie es noch einmal tun. Wenn dabei etwas entstanden ist, das nur einmal gezeigt wird, etwa ein Geheimnis oder ein Link, erzeugen Sie ein neues.
error-internal-title = Etwas ist schiefgegangen
error-internal = Das ist unser Fehler, nicht Ihrer. Versuchen Sie es bitte gleich noch einmal.

landing-title = Willkommen
landing = Hier fügen Entwickler Anwendungen hinzu, deren Benutzer sich mit dem Telefon anmelden. Sie selbst melden sich genauso an: Passwörter gibt es nicht.
landing-invited = Konten gibt es auf Einladung. Das erste legt der Betreiber des Dienstes an:

register-title = Konto anlegen
register = Auf der nächsten Seite registrieren Sie Ihr Telefon. Von da an nehmen Sie jede Ihrer Anmeldungen darauf an.
register-failed = Es wurde kein Konto angelegt.
register-name = Benutzername
register-name-hint = 3 bis 32 Buchstaben a bis z, Ziffern und dazwischen . - _ Er lässt sich später nicht ändern.
register-continue = Weiter zum Telefon
register-have = Haben Sie schon ein Konto?
register-unfinished = Hier begonnen und nicht fertig geworden?
register-phone = Registrieren Sie Ihr Telefon innerhalb von 15 Minuten
name-none = Wählen Sie einen Benutzernamen.
name-letters = Verwenden Sie nur die Buchstaben a bis z, Ziffern und dazwischen . - _
name-ends = Beginnen und enden Sie mit einem Buchstaben oder einer Ziffer.
name-short = Verwenden Sie mindestens 3 Zeichen.
name-long = Verwenden Sie höchstens 32 Zeichen.
name-reserved = Andere würden diesen Namen für einen des Dienstes halten. Wählen Sie einen anderen.
name-taken = Dieser Name ist vergeben. Wählen Sie einen anderen.

applications-first-title = Drei Schritte bis zur ersten Anmeldung
applications-first-add = Fügen Sie Ihre Anwendung hinzu.
applications-first-add-why = Sie bekommt eine ID und ein Geheimnis, an denen der Dienst sie erkennt.
applications-first-environment = Setzen Sie beides in ihre Umgebung,
applications-first-environment-how = zusammen mit { $variable }, und binden Sie die Anmeldung ein: wenige Zeilen mit axum oder actix-web.
applications-first-phone = Registrieren Sie ein Telefon für einen Benutzer und melden Sie sich an.
applications-first-phone-how = Kein Telefon zur Hand? Der Dienst hat eine Seite, die eines spielt:
applications-add = Anwendung hinzufügen
applications-name = Name
applications-role = Ihre Rolle
applications-added = Hinzugefügt
applications-disabled = gesperrt
applications-left = Sie haben die Anwendung verlassen.
applications-deleted = Die Anwendung ist gelöscht.

new-application-title = Anwendung hinzufügen
new-application = Sie bekommt eine ID und ein Geheimnis, das einmal gezeigt wird. Sie werden ihr Eigentümer.
new-application-failed = Es wurde keine Anwendung hinzugefügt.
new-application-name-hint = Telefone zeigen ihn bei jeder Anfrage: Nehmen Sie den Namen, den Ihre Benutzer kennen. Er lässt sich später ändern.
application-name-none = Geben Sie den Namen ein, unter dem Ihre Benutzer sie kennen.
application-name-unseen = Verwenden Sie Zeichen, die man sehen kann.
application-name-long = Verwenden Sie höchstens 60 Zeichen.
application-name-scripts = Verwenden Sie Buchstaben einer Schrift, oder lateinische neben einer anderen: Hier sind welche gemischt, die gleich aussehen.
application-name-reserved = So heißt die Console selbst. Wählen Sie einen anderen Namen, den Ihre Benutzer kennen.

credentials-title = Zugangsdaten
credentials-added = { $application } ist hinzugefügt
credentials-these = Das sind ihre Zugangsdaten.
credentials-new-title = Neues Geheimnis
credentials-new = { $application } hat ein neues Geheimnis
credentials-before-over = Das bisherige gilt nicht mehr.
credentials-before-stays = Das bisherige gilt noch eine Weile: Setzen Sie inzwischen das neue an seine Stelle.
credentials-once = Das Geheimnis wird nur dieses eine Mal gezeigt:
credentials-once-why = Niemand kann es später nachsehen, auch hier nicht. Bewahren Sie es dort auf, wo Ihre Anwendung es findet, und sonst nirgends.
credentials-lines = Als Zeilen für eine Shell oder eine .env-Datei
credentials-copy-all = Alles kopieren
credentials-kept = Ich habe das Geheimnis aufbewahrt

overview-id = Anwendungs-ID
overview-server = Server
overview-users = Benutzer
overview-sessions = Offene Sitzungen
overview-role = Ihre Rolle
overview-first-title = Noch keine Benutzer
overview-first-variables = Setzen Sie die drei Variablen
overview-first-variables-how = dort, wo Ihre Anwendung läuft: { $variables } und das Geheimnis, das Ihnen gezeigt wurde.
overview-first-enrol = Nehmen Sie einen Benutzer auf:
overview-first-enrol-how = Ihre Anwendung fügt den Benutzer hier hinzu und zeigt einen Link für das Telefon.
overview-first-sign-in = Melden Sie sich an:
overview-first-sign-in-how = Das Telefon fragt, der Benutzer nimmt an, und Sie sehen die Sitzung hier.
overview-leave = Diese Anwendung verlassen
overview-joined = Sie gehören jetzt zu dieser Anwendung.
overview-is-member = Sie gehören schon zu dieser Anwendung; die Einladung gilt noch für jemand anderes.

users-title = Benutzer
users-failed = Es wurde niemand hinzugefügt.
users-first-title = Noch keine Benutzer
users-first = Ein Benutzer ist eine ID ohne Aussage, die Ihre Anwendung sich ausgedacht hat, etwa eine Zufallsfolge: kein Name, keine Adresse. Die meisten Anwendungen fügen ihre Benutzer selbst hinzu, sobald jemand aufgenommen wird; Sie können auch hier welche hinzufügen und jedem einen Link geben, der ein Telefon registriert.
users-search-label = Benutzer-ID beginnt mit
users-search = Suchen
users-all = Alle
users-none-here = An dieser Stelle der Liste ist niemand.
users-none-begins = Keine Benutzer-ID beginnt mit { $prefix }.
users-none-begins-here = An dieser Stelle der Liste beginnt keine Benutzer-ID mit { $prefix }.
users-to-start = Zum Anfang
users-search-start = Von Anfang an suchen
users-id = Benutzer-ID
users-phone = Telefon
users-phone-since = registriert
users-phone-none = keines
users-sessions = Offene Sitzungen
users-added = Hinzugefügt
list-pages = Seiten der Liste
list-previous = Zurück
list-next = Weiter
users-add-title = Benutzer hinzufügen
users-add-label = Benutzer-IDs, eine je Zeile
users-add-hint = Verwenden Sie IDs, die nichts über die Person sagen. Die schon vorhandenen bleiben, wie sie sind.
users-add = Hinzufügen
users-deleted = Der Benutzer ist gelöscht.
users-were-here = Es wurde nichts geändert. Schon vorhanden: { $existing }.
users-were-added = Hinzugefügt: { $created }.
users-were-added-and-here = Hinzugefügt: { $created }. Schon vorhanden: { $existing }.
users-none-given = Geben Sie mindestens eine Benutzer-ID ein.
users-too-many = Fügen Sie höchstens { $most } Benutzer auf einmal hinzu.
users-line-wrong = Zeile { $line } ist keine Benutzer-ID: Sie ist zu lang oder enthält Zeichen, die keine ID hat.
sessions-title = Sitzungen
sessions-reload = Neu laden
sessions-none-title = Niemand ist angemeldet
sessions-none = Eine Sitzung erscheint hier, wenn Ihre Anwendung das Telefon eines Benutzers fragt. Sie verschwindet, wenn der Benutzer sich abmeldet, wenn ihre Zeit um ist oder wenn sie hier beendet wird.
sessions-no-older = Es gibt keine älteren Sitzungen.
sessions-state = Zustand
sessions-since = Seit
sessions-ends = Endet
sessions-actions = Aktionen
sessions-deleted = gelöscht
sessions-log-out = Abmelden
sessions-withdraw = Zurücknehmen
sessions-older = Ältere
sessions-newest = Zu den neuesten
sessions-ended = Die Sitzung ist beendet.
state-pending = wartet auf das Telefon
state-identifying = das Telefon fragt
state-active = aktiv
state-walkaway = weggegangen
state-ended = beendet
end-session-heading = { $user } abmelden?
end-session-at-once = Die Sitzung, die { $since } begann, endet sofort, wo immer sie geöffnet ist.
end-session-others = Andere Sitzungen dieses Benutzers bleiben.
end-session-withdraw-heading = Zurücknehmen, was das Telefon von { $user } gefragt wird?
end-session-withdraw = Die Anmeldung endet sofort. Niemand wird durch sie angemeldet.
confirm-unchanged = Es wurde nichts geändert.
confirm-type = Tippen Sie { $name } ein, um weiterzumachen
confirm-not-the-name = Das ist nicht der Name. Es wurde nichts geändert.
confirm-use-button = Verwenden Sie zum Weitermachen den Knopf unten.

user-all = Alle Benutzer
user-phone = Telefon
user-phones = Telefone
user-phone-number = Telefon { $number }
user-phone-name = Name
user-platform = Plattform
user-platform-unknown = unbekannt
user-registered = Registriert
user-last-used = Zuletzt verwendet
user-key = Schlüssel
user-key-own = Ein eigener: Jede Antwort wird auf dem Telefon unterschrieben.
user-key-shared = Mit diesem Dienst geteilt. Ein neuer Registrierungslink gibt dem Telefon einen eigenen Schlüssel.
user-unlocking = Entsperren
user-unlock-since = Durch einen Passkey bewiesen, eingerichtet { $since }.
user-unlock-synced = Er ist synchronisiert: Er liegt auch auf anderen Geräten des Benutzers.
user-unlock-can-sync = Er kann auf andere Geräte des Benutzers synchronisiert werden und ist es noch nicht.
user-unlock-stays = Er bleibt auf diesem Telefon.
user-unlock-none = Nicht eingerichtet. Das Telefon erstellt einen Passkey, wenn eine Anmeldung zum ersten Mal die Methode device verlangt.
user-recovered = Wiederhergestellt
user-recovered-until = Ein Wiederherstellungscode hat es hinzugefügt. Bis dahin ändert es nichts an den anderen Telefonen:
user-remove = Entfernen
user-no-phone = Es ist kein Telefon registriert, deshalb kann dieser Benutzer sich nicht anmelden.
user-make-link = Erstellen Sie einen Link und lassen Sie den Benutzer ihn auf dem Telefon öffnen.
user-waits = Ein Telefon wartet auf Bestätigung: durch seinen Code auf einem Telefon, das der Benutzer hat, oder durch einen Wiederherstellungscode. Es wird dann vergessen:
user-codes-left = Übrige Wiederherstellungscodes: { $count }
user-link-out = Ein Registrierungslink ist unterwegs, der noch nicht verwendet wurde. Ein weiterer beendet ihn. Sonst endet er:
user-new-link = Neuer Registrierungslink
user-add-phone = Telefon hinzufügen
user-test-push = Probe-Push senden
user-phone-lost = Telefon verloren
user-remove-phone = Telefon entfernen
user-remove-phones = Alle Telefone entfernen
user-log-out-everywhere = Überall abmelden
user-signed-in-nowhere = Dieser Benutzer ist nirgends angemeldet.
user-this-session = diese Sitzung
user-delete = Diesen Benutzer löschen
user-title = Benutzer
user-was-added = Der Benutzer ist hinzugefügt. Als Nächstes: ein Telefon.
user-was-here = Diesen Benutzer gab es hier schon.
user-phone-registered = Das Telefon ist registriert.
user-phone-removed = Das Telefon ist entfernt, und seine Sitzungen sind beendet.
user-push-queued = Ein Probe-Push ist unterwegs. Die Seite „{ tab-pushes }“ sagt, was daraus wird.
user-push-nowhere = Kein Telefon dieses Benutzers ist für Pushes zu erreichen. Lassen Sie den Benutzer die Seite des Telefons öffnen und Benachrichtigungen einschalten.
user-logged-out = Der Benutzer ist überall abgemeldet.
