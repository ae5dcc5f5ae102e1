# Los textos de la página que hace de teléfono.

language-name = Español
language-label = Idioma
language-of-browser = El del navegador

app-name = Teléfono IAMPASS
app-description = Acepta inicios de sesión.
tab-title = { $page } · { app-name }
connection-lost = Conexión perdida, intentándolo de nuevo

front-title = Servicio de inicio de sesión
front = Aquí cada persona acepta sus inicios de sesión en un teléfono. No hay contraseñas. Para iniciar sesión en una aplicación, abra esa aplicación.
front-phone = Abrir la página del teléfono
front-phone-how = La página del teléfono convierte este navegador en un teléfono que acepta sus inicios de sesión.
front-console = Abrir la Console
front-console-how = En la Console, los desarrolladores añaden aplicaciones cuyos usuarios inician sesión con el teléfono.
front-docs = Descripción de la API, para programas

no-script-title = El teléfono necesita JavaScript
no-script = Esta página firma lo que envía, y un navegador solo lo hace con scripts. Permita los scripts para esta dirección y vuelva a cargar la página.
insecure-title = Esta página necesita una conexión segura
insecure = Los navegadores solo ofrecen la criptografía que un teléfono necesita por https, o en localhost. Abra esta página de nuevo en una dirección así.
link-stays-valid = Un enlace de registro sigue siendo válido: no se ha gastado nada.
no-storage-title = Este navegador no guarda nada
no-storage = Un teléfono tiene que recordar de quién es, y este navegador no deja que la página guarde nada. Permita los datos de sitios para esta dirección, o use otro navegador.
elsewhere-title = El teléfono está abierto en otra pestaña
elsewhere = Las solicitudes aparecen allí. Cuando se cierre esa pestaña, esta tomará el relevo.
elsewhere-use-here = Usarlo aquí
elsewhere-tab = Abierto en otra pestaña

register-title = ¿Registrar este teléfono?
register-ask = Este navegador aceptará entonces los inicios de sesión de la persona para quien es el enlace. Continúe solo si es usted.
register-service = Servicio:
register-here = Este navegador ya es un teléfono:
register-here-how = Si el enlace es para otro teléfono, toque «{ register-later }» y ábralo allí. Sigue siendo válido. Toque «{ register-now }» solo para añadir otro usuario a este teléfono.
register-keyless-title = Este navegador no guarda claves.
register-keyless = Aquí falta IndexedDB, o está bloqueada. A este teléfono solo se le conocería por un secreto compartido, y las aplicaciones pueden pedir más.
register-keyless-how = Mejor: permita los datos de sitios para esta dirección, o abra el enlace en otro navegador. Sigue siendo válido hasta que toque «{ register-now }».
register-later = Ahora no
register-now = Registrar
register-again = Volver a intentarlo
register-to-phone = Ir al teléfono
register-unusable-title = Este teléfono no se puede usar
register-foreign = Se ha registrado, pero el servicio nombró direcciones de otro servidor, y esta página no las llama. Abra un enlace nuevo en la dirección pública del servicio.
register-not-kept = Se ha registrado, pero este navegador no ha guardado lo que tiene que recordar. Libere espacio en su almacenamiento, o use otro navegador, con un enlace nuevo.
register-not-let-in-title = Este teléfono no fue admitido
register-not-let-in = Otro teléfono lo rechazó, su código fue incorrecto tres veces, o ha pasado una hora. Cree un enlace nuevo en un teléfono que tenga y ábralo aquí.
register-link-tab = Enlace no válido
register-link-title = Este enlace no se puede usar
register-link = Ya se usó, uno más reciente lo sustituyó, o ha caducado. Pida uno nuevo donde recibió este.
register-failed-title = Este teléfono no se ha registrado
register-here-already-title = Este navegador ya es su teléfono
register-here-already = Acepta los inicios de sesión de { $user } en { $application }, y lo sigue haciendo. El enlace era para otro teléfono, y ya está gastado: en este teléfono, abra «{ phones-open }», cree un enlace nuevo y ábralo en el otro.
registered-title = Este teléfono está registrado
registered = Las solicitudes de inicio de sesión de { $application } para { $user } aparecen aquí por sí solas.
codes-offer-title = Prepare una alternativa
codes-offer = Si este teléfono se pierde o se rompe, un código de recuperación permite añadir un teléfono nuevo de { $user } para { $application }. Cree los códigos ahora y no los guarde junto a este teléfono. También puede hacerlo más tarde, en «{ phones-open }».
codes-offer-make = Crear códigos de recuperación
codes-offer-later = Más tarde

waiting-tab = Esperando confirmación
waiting-title = Confirme este teléfono en otro
waiting = En un teléfono que tenga, abra «{ phones-open }» y escriba estas cifras. Mientras tanto puede cerrar esta página: las vuelve a mostrar durante una hora.
waiting-recovery-label = ¿No tiene otro teléfono a mano? Escriba un código de recuperación
waiting-recovery-use = Usar el código de recuperación
waiting-stop = No añadir este teléfono

request-tab = ({ $count }) Solicitud de inicio de sesión · { $application }
request-said = Solicitud de inicio de sesión de { $application } para { $user }.
request-title = ¿Es usted quien inicia sesión?
request-seconds = { $seconds } s
request-left = restantes
request-application = Aplicación
request-user = Usuario
request-browser = Navegador
request-known = ya usado
request-unknown = no usado antes
request-address = Dirección
request-asked = Pedido
request-in-front = Acepte solo si tiene delante la página de inicio de sesión, y nunca porque alguien se lo pida.
request-by-link = Acepte solo si acaba de empezar a iniciar sesión en este navegador. Después se vuelve por sí solo a la página de inicio de sesión.
request-more = { $count ->
    [one] Espera { $count } solicitud más.
   *[other] Esperan { $count } solicitudes más.
}
request-no-unlocking = La aplicación pide desbloquear este teléfono. { $why } Aquí solo puede rechazar.
request-impossible = La aplicación pide algo que esta página no puede dar ({ $what }). Solo puede rechazar.
request-also-unlock = También se le pedirá que desbloquee este teléfono.
request-also-unlock-simulated = También se le pedirá que desbloquee este teléfono (simulado).
request-also-face-simulated = También se le pedirá que muestre su cara (simulado).
accept = Aceptar
deny = Rechazar
report = No soy yo: denunciar
report-word = Rechaza, y deja constancia de que otra persona preguntó en su nombre. Durante un tiempo no aparecen entonces solicitudes aquí por sí solas. Iniciar sesión con el código sigue funcionando.

code-label = Seis cifras de la página de inicio de sesión
code-hint = Están junto a un código QR, que puede escanear en su lugar.
code-scan-short = Escanear
code-scan = Escanear el código
code-typed = El código { $code } está listo.
code-scanned = El código se ha escaneado.
code-by-link = La página de inicio de sesión de este navegador ha llevado hasta aquí.
code-wrong = { $count ->
    [one] Código incorrecto. Escriba lo que muestra la página de inicio de sesión. Queda { $count } intento.
   *[other] Código incorrecto. Escriba lo que muestra la página de inicio de sesión. Quedan { $count } intentos.
}
code-wanted = El servicio pide el código: escríbalo o escanéelo.
code-too-many = Se han escrito demasiados códigos incorrectos seguidos. Escanee el código, o vuelva a intentarlo más tarde.
code-too-many-minutes = { $count ->
    [one] Se han escrito demasiados códigos incorrectos seguidos. Escanee el código, o vuelva a intentarlo dentro de un minuto.
   *[other] Se han escrito demasiados códigos incorrectos seguidos. Escanee el código, o vuelva a intentarlo dentro de { $count } minutos.
}

unlock-title = Desbloquear este teléfono
unlock-button = Desbloquear
unlock = Su huella, su cara o su PIN muestran que es usted. El navegador los pide, y ni esta página ni el servicio llegan a verlos. La primera vez se crea una llave de acceso para este teléfono.
unlock-set-up = La llave de acceso de este teléfono está creada. Toque «{ unlock-button }» una vez más para iniciar sesión con ella.
unlock-simulated-title = Desbloquear este teléfono (simulado)
unlock-simulated = Esto está simulado, para desarrollo. No se comprueba ninguna huella ni ningún código: la página solo dice que ha desbloqueado el teléfono, y el servicio se lo cree. No demuestra nada.
face-simulated-title = Mostrar su cara (simulado)
face-simulated = Esto está simulado, para desarrollo. No se toma ninguna imagen: la página solo dice que ha mostrado su cara, y el servicio se lo cree. No demuestra nada.
simulate-button = Simular
unlock-no-name = Los navegadores no desbloquean nada para una dirección que es un número. Abra esta página con un enlace nuevo con el nombre del servicio o, en su propia máquina, con el nombre localhost.
unlock-no-webauthn = Este navegador no puede demostrar que ha desbloqueado este teléfono. Actualícelo, o registre este teléfono en otro navegador con un enlace nuevo.
unlock-no-key = Este teléfono se registró sin clave propia, así que no puede demostrar que lo ha desbloqueado. Regístrelo otra vez con un enlace nuevo.
unlock-not-taken = El servicio no lo ha aceptado: { $why } Toque «{ unlock-button }» para volver a intentarlo.
unlock-unreachable = No se pudo contactar con el servicio. Compruebe la conexión y toque «{ unlock-button }» para volver a intentarlo.
unlock-on-this-device = Otro navegador u otra aplicación de este dispositivo ya está registrado como uno de sus teléfonos y tiene su llave de acceso. Responda allí a la solicitud. Si ya no lo usa, quítelo en «{ phones-open }» y toque «{ unlock-button }» para volver a intentarlo.
unlock-wrong-address = Este navegador no desbloquea nada en esta dirección. Abra esta página en la dirección pública del servicio, con un enlace nuevo.
unlock-too-long = El desbloqueo tardó demasiado y se detuvo. Si la solicitud sigue esperando, toque «{ unlock-button }» para volver a intentarlo.
unlock-no-screen-lock = Este dispositivo no tiene huella, cara ni PIN que el navegador pueda usar. Configure un bloqueo de pantalla en los ajustes del dispositivo y toque «{ unlock-button }» para volver a intentarlo.
unlock-not-done = Este teléfono no se ha desbloqueado. Toque «{ unlock-button }» para volver a intentarlo, o rechace la solicitud.
unlock-failed = Este teléfono no se pudo desbloquear. Toque «{ unlock-button }» para volver a intentarlo, o rechace la solicitud e inicie sesión de otra manera.

reported-title = Rechazado y denunciado
reported = Nadie ha iniciado sesión en { $application }. Queda constancia de que otra persona preguntó en nombre de { $user }. Durante un tiempo no aparecen solicitudes aquí por sí solas: para iniciar sesión, escriba o escanee el código.
denied-title = Rechazado
denied = Nadie ha iniciado sesión en { $application }.
over-title = Esta solicitud ha terminado
over = Se enviaron demasiados códigos incorrectos, así que nadie ha iniciado sesión en { $application }. Empiece de nuevo en la página de inicio de sesión.
not-signed-in-title = Sesión no iniciada
not-signed-in = El servicio no ha aceptado la respuesta a { $application }.
accepted-title = Aceptado
accepted = { $application } inicia su sesión como { $user }.
accepted-go-back = Si inicia sesión en este dispositivo, vuelva a la página donde empezó.
time-over-title = Se acabó el tiempo
time-over = Nadie respondió a { $application }, así que nadie ha iniciado sesión. Para iniciar sesión, empiece de nuevo en la página de inicio de sesión.
newer-title = Una solicitud más reciente ocupó su lugar
newer = La solicitud anterior ya no está en pie: se empezó un inicio de sesión más reciente en { $application }. Responda a la más reciente. Si no la empezó usted, rechácela.
taken-back-title = Solicitud retirada
taken-back = La solicitud de { $application } se retiró, o se respondió en otro teléfono. Si aún quiere iniciar sesión, empiece de nuevo en la página de inicio de sesión.
too-late-title = Demasiado tarde
too-late = La solicitud de { $application } ya no está en pie, así que su respuesta no hizo nada. Si aún quiere iniciar sesión, empiece de nuevo en la página de inicio de sesión.
not-sent = Su respuesta no llegó al servicio. Vuelva a intentarlo.

home-title = Su teléfono
home-away-tab = Ausente
home-unregistered-tab = No registrado
away-title = No está aquí
away-who = Bloqueado hasta que vuelva: { $names }.
come-back = He vuelto
walk-away = Me voy
welcome-title = Este teléfono aún no está registrado
welcome = Pasa a ser su teléfono cuando abre un enlace de registro en este navegador:
welcome-ask = Pida su enlace de registro a la aplicación.
welcome-scan = Escanee su código QR con la cámara de este teléfono o aquí abajo, o abra aquí el enlace.
welcome-register = Toque «{ register-now }».
empty = Nada que aceptar. Las solicitudes aparecen aquí por sí solas.
unreadable-title = Algunos usuarios no se pueden mostrar
unreadable = Este navegador no devuelve lo que guarda para esta página. Vuelva a cargar la página o reinicie el navegador.
change-failed-title = No ha funcionado
logged-out-title = Sesión cerrada
logged-out = Se ha cerrado la sesión de { $user } en { $application }.

bring-title = Escribir o escanear un código
bring-another-title = Escribir o escanear otro código
bring-lead = La página donde inicia sesión muestra seis cifras, y un código QR para escanear.
bring-whom = ¿De quién es el código?
bring-label = Seis cifras
bring-go = Continuar
bring-no-digits = Escriba las seis cifras que muestra la página de inicio de sesión.
bring-looking-title = Buscando la solicitud
bring-looking = Se pregunta al servicio para quién es el código.
bring-needs-phone-title = El código necesita un teléfono registrado
bring-needs-phone = Si es otro navegador de este dispositivo, o la aplicación, escriba allí las seis cifras. Si no, registre primero este y después escanee el código otra vez.
bring-type-title = Escriba las seis cifras
bring-type = Un enlace ha abierto esta página. Escriba las cifras que están en la página de inicio de sesión. Si no acaba de empezar a iniciar sesión, no haga nada: otra persona le ha enviado el enlace.
bring-answered-title = Ya respondida
bring-answered = La solicitud de este código ha terminado.
bring-nobody-here-title = Aquí no hay nadie registrado
bring-nobody-here = Usted acepta los inicios de sesión en otro navegador o en la aplicación. Abra allí IAMPASS y escriba las seis cifras de la página de inicio de sesión, o escanee su código QR.
bring-no-codes-title = Aquí no se puede usar ningún código
bring-no-codes = El servicio de { $host } no acepta códigos de este teléfono.
bring-nobody-chosen-title = No se eligió a nadie
bring-nobody-chosen = No se ha enviado nada. Para iniciar sesión, escanee el código otra vez.
bring-unreachable-title = El código no llegó al servicio
bring-unreachable = Compruebe la conexión y vuelva a intentarlo.
bring-wrong-title = Ninguna solicitud muestra este código
bring-wrong-scan = Ya se usó, ha caducado, o es de alguien que no está en este teléfono. Vuelva a cargar la página de inicio de sesión y escanee su código nuevo.
bring-wrong-code = Compárelo con la página de inicio de sesión. Si es el mismo, esa página ya no pregunta: se acabó su tiempo, o un inicio de sesión más reciente ocupó su lugar. Empiece allí de nuevo y escriba el código nuevo.
bring-wrong-code-several = Compárelo con la página de inicio de sesión. Si es el mismo, esa página ya no pregunta: se acabó su tiempo, o un inicio de sesión más reciente ocupó su lugar. Empiece allí de nuevo y escriba el código nuevo. O es el código de otro usuario de este teléfono: elija arriba de quién es.
bring-too-many-title = Ahora no se acepta ningún código
bring-not-taken-title = El código no se ha aceptado
which-title = ¿Quién inicia sesión?
which = El código no nombra a nadie. Elíjase solo a usted: la página de inicio de sesión deja entrar a quien elija.
which-below = Aquí hay varios usuarios registrados. Elija uno abajo y toque «{ bring-go }».
which-none = Nadie: cancelar
which-again = El código ha cambiado entretanto. Póngalo una vez más delante de la cámara.

scanner-video = Lo que ve la cámara
scanner-stop = Detener
scanner-looking = Ponga el código QR de la página de inicio de sesión delante de la cámara.
scanner-wrong = Este código no es de una página de inicio de sesión de { $host }. Escanee el que muestra la página de inicio de sesión.
scanner-instead = Escriba las seis cifras en su lugar.
scanner-link-looking = Ponga el código QR de su enlace de registro delante de la cámara.
scanner-link-wrong = Este código no es un enlace de registro de { $host }.
scanner-link-instead = Pegue el enlace en su lugar.
camera-missing = Este navegador no da cámara a esta página.
camera-gone = La cámara se ha retirado.
camera-no-reader = No se pudo cargar la parte de esta página que lee códigos.
camera-denied = La cámara no está permitida para esta página. Permítala en los ajustes del navegador para esta dirección y vuelva a intentarlo.
camera-none = No se encontró ninguna cámara.
camera-busy = Otro programa está usando la cámara.
camera-broken = La cámara no arranca.

users-title = En este teléfono
user-forgotten = Ya no está registrado: este teléfono se quitó, u otro ocupó su lugar. Pida un enlace de registro nuevo para volver a usarlo.
user-without-key = Este teléfono comparte un secreto con el servicio, y eso es menos que una clave propia. No se le puede añadir una: pida un enlace de registro nuevo y ábralo aquí.
user-no-session = Ninguna sesión activa.
user-sessions = Sesiones activas
user-remove = Quitar de este teléfono
session-active = Activa
session-away = Ausente
session-since = Sesión iniciada
session-log-out = Cerrar sesión

add-user = Añadir otro usuario
add-link = Pegar un enlace de registro
link-label = Enlace de registro
link-scan = Escanear el enlace
link-open = Abrir el enlace
link-wrong = Esto no es un enlace de registro de este servicio. Un enlace así empieza por { $start }

remove-title = ¿Quitar a { $user } de este teléfono?
remove = Se cerrarán las sesiones de { $user } en { $application } que abrió este teléfono. Para volver a aceptar aquí inicios de sesión hace falta un enlace de registro nuevo.
remove-keep = Conservar
remove-now = Quitar
remove-anyway = Olvidar solo aquí
remove-failed = { $why } Para el servicio, este teléfono sigue registrado. Vuelva a intentarlo, u olvide al usuario solo aquí.
removed-title = Quitado
removed = Este navegador ya no acepta inicios de sesión de { $user } en { $application }.

phones-open = Sus teléfonos
phones-title = Teléfonos de { $user }
phones-waiting-title = Un teléfono nuevo espera
phones-waiting = Si es suyo, escriba las seis cifras que muestra. Si no, rechácelo.
phones-waiting-label = Seis cifras del teléfono nuevo
phones-confirm = Confirmar
phones-this = Este teléfono
phones-added = Añadido
phones-paused = Se añadió hace menos de un día y todavía no cambia nada de los otros teléfonos. Si no fue usted, quítelo.
phones-new-name = Nombre nuevo para { $phone }
phones-rename = Cambiar nombre
phones-rename-one = Cambiar nombre: { $phone }
phones-remove = Quitar
phones-remove-one = Quitar { $phone }
phones-add = Añadir un teléfono
phones-link = Abra este enlace en el teléfono nuevo en el plazo de una hora. Sirve una vez.
phones-copy-link = Copiar el enlace
phones-codes-left = { $count ->
    [one] Queda { $count } código de recuperación.
   *[other] Quedan { $count } códigos de recuperación.
}
phones-codes-made = Códigos creados
phones-codes-not-yours = Si no fue usted, cree otros nuevos. Los de antes dejarán entonces de servir.
phones-make-codes = Crear códigos de recuperación nuevos
phones-codes = Imprima estos códigos, o anótelos, y guárdelos lejos del teléfono. Solo se muestran esta vez, cada uno sirve una vez, y los códigos creados antes ya no sirven.
phones-copy = Copiar
phones-print = Imprimir
phones-close = Cerrar
phones-failure = No ha funcionado. Compruebe la conexión y vuelva a intentarlo.
phones-codes-failure = No llegó ninguna respuesta. Si aun así se crearon códigos nuevos, los de antes ya no sirven y nadie ha visto los nuevos: cree códigos otra vez.
phone-ios = iPhone
phone-android = Teléfono Android
phone-web = Navegador
phone-nameless = Teléfono sin nombre

news-title = Los teléfonos de { $user } han cambiado
news-nameless = Un teléfono sin nombre
news-waits = { $phone } espera a ser admitido. Si no es suyo, abra «{ phones-open }» y rechácelo.
news-confirmed = { $phone } es ahora uno de sus teléfonos. Si no fue usted, abra «{ phones-open }» y quítelo.
news-recovered = { $phone } fue admitido con un código de recuperación. Si no fue usted, abra «{ phones-open }» y quítelo ahora: después de un día podrá quitar este.
news-registered = Se ha registrado un teléfono: { $phone }. Si no fue usted, abra «{ phones-open }» y quítelo.
news-removed = Se ha quitado un teléfono: { $phone }. Si no fue usted, abra «{ phones-open }» y quite todo teléfono que no sea suyo.
news-codes-made = Se crearon códigos de recuperación nuevos en otro de sus teléfonos: { $phone }. Los códigos de antes ya no sirven. Si no fue usted, abra «{ phones-open }» y cree otros nuevos aquí.
news-link-made = Se creó un enlace para un teléfono más en otro de sus teléfonos: { $phone }. Vale durante una hora. Si no fue usted, abra «{ phones-open }» y rechace el teléfono que llegue por él.

settings = Ajustes
set-notifications = Despertar este teléfono cuando espere una solicitud
set-sound = Sonido mientras esta página está abierta
set-vibration = Vibración mientras esta página está abierta
set-position = Bloquear mis sesiones cuando me voy con este teléfono
set-push-says = Un aviso que despierta este teléfono solo dice que algo espera. No nombra a nadie.
pushes-off = Las solicitudes aparecen mientras esta página está abierta.
pushes-on = Este teléfono se despierta cuando espera una solicitud, también con esta página cerrada.
pushes-denied = Las notificaciones no están permitidas para esta página. Permítalas en los ajustes del navegador para esta dirección.
pushes-denied-now = Las notificaciones ya no están permitidas para esta página. Actívelas otra vez para que el navegador le pregunte.
pushes-subscribing = Suscribiéndose al servicio push de este navegador.
pushes-home-screen = Añada primero esta página a la pantalla de inicio y ábrala desde allí.
pushes-impossible = Este navegador no se puede despertar con la página cerrada. Las solicitudes aparecen mientras está abierta.
pushes-unreachable = No se pudo contactar con el servicio. Se vuelve a intentar la próxima vez que abra la página.
pushes-failed = Este navegador no pudo suscribirse. Se vuelve a intentar la próxima vez que abra la página.
pushes-none = El servicio no despierta ningún teléfono. Su operador puede cambiarlo. Hasta entonces, mantenga esta página abierta mientras inicia sesión.
pushes-not-taken = El servicio no acepta la suscripción de este navegador. Mantenga esta página abierta mientras inicia sesión y avise a su operador.
pushes-not-subscribed = Este navegador no pudo suscribirse a su servicio push. Compruebe la conexión.
pushes-no-answer = El servicio push de este navegador no responde. Compruebe la conexión y vuelva a activarlo más tarde.
pushes-no-background = Este navegador no deja que la página trabaje en segundo plano. Manténgala abierta mientras inicia sesión, o registre este teléfono en otro navegador.
pushes-no-worker = La parte de esta página que trabaja en segundo plano no arrancó. Vuelva a cargar la página.
position-off = Actívelo antes de iniciar sesión: este teléfono recuerda dónde acepta, y al servicio solo le dice si está cerca de ese lugar. Las sesiones que ha seguido se bloquean en los dos minutos siguientes a desactivarlo.
position-on = Este teléfono recuerda dónde acepta un inicio de sesión, y dice si está cerca: a menos de 100 m, y tanto más lejos cuanto más imprecisa sea su posición. El lugar se queda en este teléfono. Deje esta página abierta y la pantalla encendida: una página cerrada o dormida no dice nada, y la sesión se bloquea al cabo de dos minutos.
position-denied = Esta página no puede saber dónde está usted. Permítalo en los ajustes del navegador para esta dirección y actívelo otra vez.
position-unknown = Este teléfono no averigua dónde está en este momento. Si eso dura, las sesiones se bloquean.
position-missing = Este navegador no puede decir dónde está.

just-now = ahora mismo

refused = El servicio lo ha rechazado: { $message }
refused-without-reason = El servicio lo ha rechazado sin dar un motivo.
refused-foreign-address = La dirección es de otro servicio, así que no se llamó.
refused-lost-key = Este teléfono ha perdido su clave, o el servicio conoce otra. Quite al usuario de este teléfono y regístrelo otra vez con un enlace de registro nuevo.
refused-needs-key = Este teléfono comparte un secreto con el servicio, y esto necesita una clave propia. Escriba o escanee el código de un inicio de sesión con su nombre, o registre el teléfono otra vez con un enlace de registro nuevo.
refused-phone-not-allowed = Esta aplicación solo acepta teléfonos con una clave propia. Registre este teléfono otra vez con un enlace de registro nuevo, en un navegador que guarde claves.
refused-unlock-required = Esta aplicación solo acepta inicios de sesión para los que se desbloqueó el teléfono. Empiece de nuevo y desbloquee este teléfono cuando lo pida.
refused-forgotten = Este teléfono ya no está registrado. Pida un enlace de registro nuevo.
refused-wrong-code = { $count ->
    [one] El teléfono nuevo muestra otro código. Compare las cifras: queda { $count } intento.
   *[other] El teléfono nuevo muestra otro código. Compare las cifras: quedan { $count } intentos.
}
refused-wrong-code-last = El código fue incorrecto demasiadas veces. Cree un enlace nuevo y añada el teléfono otra vez.
refused-wrong-recovery-code = No es un código de recuperación suyo, o ya se usó. Compare cada letra con lo que tiene anotado, o tome otro.
refused-wrong-recovery-code-last = Era el tercer código de recuperación erróneo, así que este teléfono ya no espera ni acepta otro código. Cree un enlace nuevo y añada el teléfono otra vez.
refused-too-many-phones = Ya tiene el máximo de teléfonos. Quite uno que no use y después vuelva a intentarlo.
refused-phone-key = Un teléfono solo se puede añadir a otros si cada uno tiene una clave propia. Use un navegador o una aplicación que guarde claves, o un enlace que sustituya el teléfono.
refused-unknown-phone = Este teléfono ya no está, o ya no espera. Cierre la lista y ábrala otra vez.
refused-phone-too-new = Este teléfono se añadió hace menos de un día. Hasta que pase el día no cambia nada de los otros teléfonos. Cuando se pueda desbloquear otro de sus teléfonos, use ese.
refused-session-over = Esta sesión ya no existe, o su estado ha cambiado.
refused-unlock-not-valid = El servicio no pudo comprobar que ha desbloqueado este teléfono. Desbloquéelo una vez más.
refused-unlock-elsewhere = El servicio conoce otra llave de acceso de este teléfono. Use esa. Si ya no existe, registre el teléfono otra vez con un enlace nuevo.
refused-unlock-none = El servicio no conoce ninguna llave de acceso de este teléfono. Acepte una vez más para crear una.
refused-method = El servicio no puede comprobar lo que pide la aplicación. Rechace, y dígaselo a los responsables de la aplicación.
refused-clock = El reloj de este teléfono no va bien. Póngalo en hora y después vuelva a intentarlo.
refused-too-many = Se ha intentado demasiado en poco tiempo. Espere un poco y después vuelva a intentarlo.
refused-unavailable = El servicio no está disponible en este momento. Puede que ya esté hecho: mírelo antes de volver a intentarlo.
unreachable = No se pudo contactar con el servicio. Compruebe la conexión y vuelva a intentarlo.
unreachable-unchanged = No se pudo contactar con el servicio. No se ha cambiado nada; vuelva a intentarlo.

push-question-title = Un inicio de sesión espera su respuesta
push-question = Ábralo para ver quién pregunta. Si no acaba de empezar a iniciar sesión, rechácelo.
push-session-title = Una de sus sesiones ha cambiado
push-session = Se ha cerrado, o está bloqueada o abierta de nuevo. Abra el teléfono para ver cuáles están activas.
push-test-title = Este teléfono se puede despertar
push-test = Ha llegado una prueba. Nada espera: puede cerrar esto.
push-unread-title = Algo espera en su teléfono
push-unread = Ábralo para ver qué es.
offline-title = Sin conexión
offline = Este teléfono pregunta al servicio qué espera, y ahora no puede contactar con él. Compruebe la conexión.
offline-again = Volver a intentarlo
