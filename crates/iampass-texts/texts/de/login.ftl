# Die Texte der Anmeldeseiten.

language-name = Deutsch
languages-label = Sprache
tab-title = { $page } · { $application }

login-title = Anmelden
login-heading = Bei { $application } anmelden
login-lead = Ihr Telefon fragt, ob Sie es sind. Ein Passwort gibt es nicht.
login-name-label = Benutzername
login-button = Anmelden
login-button-busy = Ihr Telefon wird gefragt …
login-code-lead = Öffnen Sie IAMPASS auf Ihrem Telefon und scannen Sie den Code. Sie brauchen weder Benutzernamen noch Passwort.
login-code-button = QR-Code anzeigen
login-code-button-phone = Mit IAMPASS anmelden
login-code-or = Oder mit Ihrem Benutzernamen anmelden
login-code-over = Der QR-Code wurde einige Minuten lang angezeigt, und niemand hat ihn gescannt.
login-code-gone = Der QR-Code wird hier nicht mehr angezeigt.
login-keep = In diesem Browser angemeldet bleiben
login-keep-how = Sonst werden Sie abgemeldet, wenn der Browser geschlossen wird, spätestens nach { $duration }.
login-no-phone = Noch kein Telefon registriert?
login-lost-phone = Telefon verloren?

problem-title = Nicht angemeldet
problem-empty-name = Geben Sie Ihren Benutzernamen ein.
problem-name-too-long = Das kann kein Benutzername sein: Er ist zu lang oder enthält Zeichen, die sich nicht tippen lassen.
problem-too-many = In kurzer Zeit wurden zu viele Anmeldungen begonnen. Versuchen Sie es in { $duration } noch einmal.
problem-unreachable = Der Anmeldedienst antwortet gerade nicht. Es ist nichts verloren: Versuchen Sie es gleich noch einmal.
problem-cross-site = Diese Anmeldung wurde auf einer anderen Website oder unter einer anderen Adresse begonnen. Ihr Telefon wurde deshalb nicht gefragt. Wenn Sie sich selbst anmelden möchten, tun Sie es hier:
try-again = Noch einmal versuchen

wait-preparing-title = Einen Moment
wait-preparing = Ihre Anfrage ist unterwegs zum Telefon. Nehmen Sie noch keine Anfrage an.
wait-displaced = Ein anderer Browser war dabei, sich mit diesem Namen anzumelden, und seine Anfrage wurde zurückgenommen. Wenn Sie das nicht waren, lehnen Sie jede Anfrage ab, die Sie nicht in diesem Browser gestellt haben.
wait-title = Schauen Sie auf Ihr Telefon
wait-lead = Nehmen Sie die Anfrage auf Ihrem Telefon an. Diese Seite geht dann von selbst weiter.
wait-code-title = Auf dem Telefon annehmen
wait-code-lead-ringing = Ihr Telefon zeigt die Anfrage. Scannen Sie dort diesen Code oder tippen Sie die Ziffern ein. Diese Seite geht dann von selbst weiter.
wait-code-lead = Öffnen Sie IAMPASS auf Ihrem Telefon. Scannen Sie dort diesen Code oder tippen Sie die Ziffern ein. Diese Seite geht dann von selbst weiter.
wait-code-qr-label = QR-Code für IAMPASS auf Ihrem Telefon
wait-moving-title = Mit dem Telefon scannen
wait-moving-lead = Öffnen Sie IAMPASS auf Ihrem Telefon und scannen Sie diesen Code. Er ändert sich ständig, und diese Seite geht von selbst weiter.
wait-moving-preparing = Der QR-Code erscheint gleich.
wait-moving-reloads = Diese Seite lädt sich alle paar Sekunden neu. Wenn das Telefon sagt, dass der Code zu alt ist, scannen Sie den neuesten. Um sich auf dem Telefon selbst anzumelden, schalten Sie JavaScript ein oder verwenden Sie Ihren Benutzernamen.
wait-code-label = Code
wait-code-said = Der Code lautet { $code }.
wait-code-open = IAMPASS auf diesem Telefon öffnen
wait-application = Anwendung
wait-user = Benutzer
wait-until = Wartet bis
wait-deny = Lehnen Sie ab, wenn Ihr Telefon eine andere Anwendung als { $application } nennt.
wait-seconds = { $seconds } s
wait-left = Zeit zum Annehmen
wait-soon-over = Noch { $seconds } Sekunden zum Annehmen.
wait-trouble = Der Anmeldedienst antwortet gerade nicht. Diese Seite versucht es weiter, und es ist nichts verloren.
wait-trouble-over = Der Anmeldedienst antwortet wieder.
wait-offline = Diese Seite hat die Verbindung zu { $application } verloren. Sie versucht es von selbst weiter.
wait-online = Die Verbindung ist wieder da.
wait-cancel = Abbrechen

end-declined-title = Abgelehnt
end-declined = Die Anfrage wurde auf dem Telefon abgelehnt. Sie sind nicht angemeldet.
end-reported-title = Gemeldet
end-reported = Der Besitzer des Telefons sagt, dass jemand anderes diese Anmeldung begonnen hat. Sie sind nicht angemeldet. Dieser Browser gilt von jetzt an als unbekannt, und das Telefon zeigt eine Zeit lang keine Anfrage von selbst. Wenn Sie selbst sich anmelden: Versuchen Sie es noch einmal, öffnen Sie IAMPASS auf Ihrem Telefon, und scannen oder tippen Sie den Code dieser Seite.
end-wrong-code-title = Falscher Code
end-wrong-code = Der Code vom Telefon war dreimal falsch. Sie sind nicht angemeldet. Versuchen Sie es noch einmal, und scannen oder tippen Sie den neuen Code.
end-no-answer-title = Keine Antwort zur rechten Zeit
end-no-answer = Auf keinem Telefon hat jemand rechtzeitig geantwortet. Sie sind nicht angemeldet.
end-no-phone = Noch kein Telefon registriert?
end-no-phone-how = So registrieren Sie eines
end-cancelled-title = Abgebrochen
end-cancelled = Die Anfrage wurde zurückgenommen. Wenn Ihr Telefon sie noch zeigt, lehnen Sie sie ab.
end-failed-title = Das hat nicht geklappt
end-failed = Unterwegs ist etwas schiefgegangen. Sie sind nicht angemeldet.
end-unreachable-title = Dienst nicht erreichbar
end-unreachable = Der Anmeldedienst antwortet gerade nicht. Sie sind nicht angemeldet. Es ist nichts verloren: Versuchen Sie es gleich noch einmal.
end-elsewhere-title = Anderswo abgeschlossen
end-elsewhere = Diese Anmeldung wurde in einem anderen Browser abgeschlossen und gilt nur für einen. Wenn Sie das nicht waren, beenden Sie die andere Sitzung auf Ihrem Telefon.
end-replaced-title = Neu begonnen
end-replaced = In diesem Browser wurde eine neuere Anmeldung begonnen, deshalb wurde diese zurückgenommen. Wenn Sie sie nicht selbst begonnen haben, lehnen Sie die Anfrage auf Ihrem Telefon ab.
end-superseded-title = In einem anderen Browser begonnen
end-superseded = Ein anderer Browser hat begonnen, sich mit diesem Namen anzumelden, deshalb wurde Ihre Anfrage zurückgenommen. Wenn Sie das nicht waren, lehnen Sie die Anfrage auf Ihrem Telefon ab und senden Sie Ihre dann noch einmal.
end-busy-title = Telefon nicht gefragt
end-busy = Ein anderer Browser meldet sich gerade mit diesem Namen an, deshalb wurde für diese Anmeldung kein Telefon gefragt. Wenn Sie das nicht sind, lehnen Sie die Anfrage auf Ihrem Telefon ab. Versuchen Sie es in einer Minute noch einmal.
end-paused-title = Pause
end-paused = Auf dem Telefon wurden mehrere Anfragen abgelehnt, deshalb wird es eine Zeit lang nicht gefragt. Versuchen Sie es später noch einmal, oder nehmen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben.
end-too-many-title = Zu viele Anmeldungen
end-too-many = Mit diesem Namen wurden zu viele Anmeldungen begonnen, deshalb wurde für diese kein Telefon gefragt. Lehnen Sie die Anfragen ab, die auf Ihrem Telefon warten, und versuchen Sie es in einer Minute noch einmal.
end-refused-title = Anmelden ist zurzeit nicht möglich
end-refused = Der Anmeldedienst weist { $application } zurzeit ab, deshalb wurde kein Telefon gefragt. Wer { $application } betreibt, findet den Grund im Protokoll.
end-unknown-user-title = Hier gibt es kein Konto
end-unknown-user = { $application } hat für den Benutzer dieses Telefons kein Konto, oder das Konto ist gesperrt. Melden Sie sich mit Ihrem Benutzernamen an, oder fragen Sie den Betreiber von { $application }.
end-sign-in-again = Weiter
returned-elsewhere-title = Nicht in diesem Browser begonnen
returned-elsewhere = Die Anmeldung, die Sie angenommen haben, wurde in einem anderen Browser begonnen. Deshalb wurde niemand bei { $application } angemeldet. Wenn Ihnen jemand einen Link geschickt hat, verwenden Sie ihn nicht. Um sich anzumelden, beginnen Sie hier:
end-send-again = Noch einmal senden
end-other-name = Anderen Benutzernamen verwenden

enrol-title = Telefon registrieren
enrol-lead = Dieses Telefon wird die Anmeldungen von { $name } annehmen.
enrol-preparing-title = Ihr Link wird vorbereitet
enrol-preparing = Das dauert einen Moment. Die Seite geht von selbst weiter.
enrol-step-scan = Scannen Sie diesen Code mit Ihrem Telefon.
enrol-step-confirm = Bestätigen Sie dort die Registrierung. Diese Seite geht dann von selbst weiter.
enrol-qr-label = QR-Code des Registrierungslinks
enrol-here-already = Sind Sie schon auf diesem Telefon?
enrol-open-link = Link öffnen
enrol-link-label = Registrierungslink
enrol-link-warning = Wer diesen Link zuerst öffnet, nimmt künftig die Anmeldungen an. Zeigen Sie ihn niemandem.
enrol-copy = Kopieren
enrol-copied = Kopiert
enrol-copy-failed = Nicht kopiert: Der Link ist markiert, kopieren Sie ihn von Hand.
add-title = Weiteres Telefon hinzufügen
add-step-scan = Scannen Sie diesen Code mit dem neuen Telefon und bestätigen Sie dort die Registrierung.
add-step-confirm = Das neue Telefon zeigt sechs Ziffern. Öffnen Sie auf einem Telefon, das Sie haben, die Liste Ihrer Telefone und tippen Sie die Ziffern ein.
add-step-remove = Entfernen Sie dort auch das verlorene Telefon. Bis dahin kann es Anmeldungen annehmen.
add-step-recovered = Das neue Telefon kann sofort Anmeldungen annehmen. Ihre anderen Telefone werden benachrichtigt.
add-step-remove-later = Das verlorene Telefon kann Anmeldungen annehmen, bis es entfernt ist. Das neue kann es in einem Tag entfernen, in der Liste Ihrer Telefone. Wenn es jemand haben könnte, bitten Sie den Betreiber von { $application }, es jetzt zu sperren.
enrol-registered-title = Telefon registriert
enrol-registered = Von jetzt an wird es immer gefragt, wenn sich { $name } anmeldet.
enrol-go-on = Weiter
enrol-not-in-time-title = Der Link gilt nicht mehr
enrol-not-in-time = Es wurde nicht rechtzeitig ein Telefon registriert. Erstellen Sie einen neuen Link und versuchen Sie es noch einmal.
enrol-new-link = Neuen Link erstellen
enrol-failed-title = Das Telefon wurde nicht registriert
enrol-failed = Der Anmeldedienst konnte keinen Link erstellen oder hat nicht geantwortet. Es ist nichts verloren: Versuchen Sie es gleich noch einmal.
enrol-no-ticket-title = So registrieren Sie ein Telefon
enrol-no-ticket = Ein Telefon wird innerhalb von { $application } registriert: Wenn Sie dort Ihr Konto anlegen, sehen Sie einen Link für Ihr Telefon.
enrol-no-ticket-help = Wenn Sie ein Konto, aber kein Telefon haben oder Ihr Link nicht mehr gilt, bitten Sie den Betreiber von { $application } um einen neuen.
back-to-login = Zurück zur Anmeldung

account-title = Anmeldungen und Telefone
account-back = Zurück zu { $application }
sessions-title = Wo Sie angemeldet sind
sessions-lead = Angemeldet als { $name }.
sessions-list = Sitzungen
sessions-this-one = Dieser Browser
sessions-other = Ein anderer Browser
sessions-browser = { $browser } unter { $system }
sessions-from = Von { $address }
sessions-since = Angemeldet { $ago }
sessions-end = Abmelden
sessions-end-all-lead = Ist hier etwas, das nicht von Ihnen ist? Beenden Sie alle Sitzungen, auch diese.
sessions-end-all = Überall abmelden
browsers-title = Browser, denen Sie bekannt sind
browsers-lead = In diesen Browsern haben Sie sich angemeldet. Diese Browser können Ihr Telefon auch dann fragen lassen, wenn andere es nicht können.
browsers-used = Letzte Anmeldung { $ago }
browsers-forget = Vergessen
browsers-forget-all = Alle Browser vergessen
phones-title = Ihre Telefone
phones-some = Sie haben ein Telefon, das Ihre Anmeldungen annimmt.
phones-none = Kein Telefon nimmt Ihre Anmeldungen mehr an. Bitten Sie den Betreiber von { $application } um einen Link, mit dem Sie eines registrieren, bevor Sie sich abmelden.
phones-unknown = Es ist gerade nicht bekannt, ob ein Telefon Ihre Anmeldungen annimmt: Der Anmeldedienst antwortet nicht.
phones-how = Um alle Ihre Telefone zu sehen, eines hinzuzufügen oder zu entfernen, öffnen Sie IAMPASS auf einem Ihrer Telefone und dort „Ihre Telefone“.
recovery-title = Wiederherstellungscodes
recovery-how = Ein Wiederherstellungscode lässt ein neues Telefon zu, wenn Sie Ihres verloren haben. Um neue Codes zu erstellen, öffnen Sie IAMPASS auf Ihrem Telefon und dort „Ihre Telefone“. Frühere Codes gelten dann nicht mehr. Bewahren Sie die Codes nicht beim Telefon auf.

lost-title = Telefon verloren?
lost-offer = Sie können in { $duration } ein anderes Telefon registrieren, { $name }, und zwar in diesem Browser. Bis dahin beendet jede Anmeldung, die Ihr Telefon annimmt, den Vorgang. Sie selbst können ihn in jedem Browser beenden, in dem Sie angemeldet sind.
lost-ask-button = Telefon ersetzen lassen
lost-waiting = In diesem Browser können Sie in { $duration } ein anderes Telefon registrieren. Kommen Sie dann auf diese Seite zurück.
lost-waiting-elsewhere = Ein anderer Browser hat verlangt, Ihr Telefon zu ersetzen, { $name }. Er kann es in { $duration } tun. Wenn Sie das nicht waren, beenden Sie es jetzt und melden Sie sich überall ab.
lost-stop-button = Beenden
lost-lead = Das Telefon kann jetzt ersetzt werden, { $name }. Dreierlei geschieht dabei:
lost-disables = Das Telefon kann keine Anmeldung mehr annehmen.
lost-ends = Alle Ihre Sitzungen enden, auch diese.
lost-new-link = Sie bekommen einen Link, um ein anderes Telefon zu registrieren. Halten Sie es bereit.
lost-button = Telefon ersetzen
lost-keep = Behalten
lost-code-title = Mit einem Wiederherstellungscode
lost-code-lead = Geben Sie Ihren Benutzernamen und einen der Wiederherstellungscodes ein, die Ihr Telefon in der Liste Ihrer Telefone erstellt hat. Sie bekommen einen Link für ein neues Telefon. Jeder Code gilt einmal.
lost-code-label = Wiederherstellungscode
lost-code-button = Code verwenden
lost-other-title = Mit einem anderen Ihrer Telefone
lost-other-lead = Sie bekommen einen Link für ein neues Telefon. Es wartet, bis ein Telefon, das Sie haben, es bestätigt.
lost-other-button = Telefon hinzufügen
lost-other-sign-in = Melden Sie sich mit dem Telefon an, das Sie haben, und kommen Sie dann auf diese Seite zurück.
lost-problem-title = Es wurde nichts geändert
lost-problem-incomplete = Geben Sie Ihren Benutzernamen und einen Wiederherstellungscode ein.
lost-problem-wrong-code = Zu diesem Benutzernamen gibt es diesen Code nicht, oder er gilt nicht mehr. Vergleichen Sie jeden Buchstaben mit dem, was Sie aufgeschrieben haben, oder nehmen Sie einen anderen Code.
lost-problem-too-many = In kurzer Zeit wurde zu viel versucht. Versuchen Sie es in { $duration } noch einmal.
lost-problem-no-room = Mehr Telefone können Sie nicht haben. Öffnen Sie auf einem Telefon, das Sie haben, die Liste Ihrer Telefone und entfernen Sie eines, das Sie nicht verwenden. Versuchen Sie es dann noch einmal: Es wurde kein Code verbraucht.
lost-problem-no-key = Neben einem Ihrer Telefone kann es kein weiteres geben. Bitten Sie den Betreiber von { $application } um einen Link, der es ersetzt. Es wurde kein Code verbraucht.
lost-problem-in-use = Eines Ihrer Telefone wurde verwendet, nachdem um Ersatz gebeten worden war. Deshalb wird es nicht ersetzt. Wenn Sie kein Telefon haben, bitten Sie den Betreiber von { $application } um Hilfe. Wenn Sie nicht darum gebeten haben, beenden Sie alle Ihre Sitzungen.
lost-problem-unreachable = Der Anmeldedienst antwortet gerade nicht. Versuchen Sie es gleich noch einmal. Wenn der Code dann nicht angenommen wird, nehmen Sie einen anderen.
lost-logged-out = Ohne das Telefon können Sie sich hier nicht anmelden. Auch sonst kann es niemand, ohne es zu entsperren.
lost-elsewhere = Sind Sie noch in einem anderen Browser angemeldet? Öffnen Sie diese Seite dort.
lost-help = Fragen Sie den Betreiber von { $application }. Er kann das Telefon sperren und Ihnen einen Link für ein anderes geben.

away-title = Sie scheinen weg zu sein
away-text = Kommen Sie zurück, um weiterzumachen.
away-log-out = Abmelden
offline-title = Verbindung verloren
offline-text = Diese Seite kommt von selbst wieder, sobald die Verbindung da ist.

unavailable-title = Gerade nicht verfügbar
unavailable-text = Im Moment ist nicht bekannt, ob Sie angemeldet sind. Es ist nichts verloren: Laden Sie diese Seite gleich noch einmal.
signed-in-as = Angemeldet als { $name }

unproven-title = Dafür ist eine stärkere Anmeldung nötig
unproven-code = Melden Sie sich noch einmal an, und scannen oder tippen Sie auf Ihrem Telefon den Code, den die Anmeldeseite zeigt.
unproven-unlocked = Melden Sie sich noch einmal an, und entsperren Sie Ihr Telefon, wenn es danach fragt.
unproven-key = Ihr Telefon hat keinen eigenen Schlüssel, und der ist hier nötig. Fragen Sie den Betreiber von { $application }, wie Sie es neu registrieren, und melden Sie sich dann noch einmal an.
unproven-link = Noch einmal anmelden
cross-site-title = Es wurde nichts getan
cross-site-text = Dies kam von einer anderen Website oder von einer anderen Adresse von { $application } und wurde abgewiesen. Wenn Sie es wollten, tun Sie es unter der Adresse unten.
cross-site-link = Weiter bei { $address }
not-found-title = Diese Seite gibt es nicht
not-found-text = Unter dieser Adresse ist nichts.
forbidden-title = Diese Seite dürfen Sie nicht öffnen
forbidden-text = Sie sind als { $name } angemeldet, und diese Seite ist für andere. Wer sie öffnen darf, entscheiden die Betreiber von { $application }. Wenn Sie einen anderen Benutzernamen haben, melden Sie sich zuerst ab.

ago = vor { $duration }
just-now = gerade eben

# Mit „vor“ und „in“: im Dativ.
duration-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
duration-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
duration-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
duration-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
