# Los textos de la Console.

skip = Ir al contenido
menu = Menú
languages = Idioma
signed-in-as = Sesión iniciada como
sign-out = Cerrar sesión
applications = Aplicaciones
accounts = Cuentas
your-account = Tu cuenta
tab-overview = Resumen
tab-users = Usuarios
tab-sessions = Sesiones
tab-snippets = Fragmentos de código
tab-settings = Ajustes
tab-members = Miembros
tab-messages = Mensajes
tab-pushes = Notificaciones push
tab-log = Registro
application-disabled = Esta aplicación está desactivada: no se responde a ninguna de sus peticiones, y nadie puede iniciar sesión en ella.
copy = Copiar
copied = Copiado
not-copied = No copiado: el texto está seleccionado, cópialo a mano.
cancel = Cancelar
continue = Continuar
back = Volver
sign-in = Iniciar sesión

moment-now = ahora mismo
moment-soon = en un momento
moment-minutes-ago = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
moment-hours-ago = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
moment-days-ago = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}
moment-in-minutes = { $count ->
    [one] dentro de { $count } minuto
   *[other] dentro de { $count } minutos
}
moment-in-hours = { $count ->
    [one] dentro de { $count } hora
   *[other] dentro de { $count } horas
}
moment-in-days = { $count ->
    [one] dentro de { $count } día
   *[other] dentro de { $count } días
}

role-owner = Propietario
role-owner-may = Todo, también miembros, desactivar y eliminar.
role-developer = Desarrollador
role-developer-may = Usuarios, teléfonos, sesiones, ajustes y el secreto.
role-read-only = Solo lectura
role-read-only-may = Ve todo menos el secreto, no cambia nada.
role-administrator = Administrador
role-administrator-may = Administrador del servicio. Ves esta aplicación y puedes decir quién forma parte de ella.

login-no-account = ¿Aún no tienes cuenta?
login-lost-help = Pregunta a un administrador de esta Console, o al operador del servicio: `iampass-server console link --name` crea un enlace que sustituye el teléfono.
login-account-open = Una cuenta necesita un nombre y un teléfono, y ninguna contraseña. Si tienes cuenta pero no teléfono, el operador del servicio te crea un enlace con `iampass-server console link`.
login-account-invited = Aquí las cuentas se crean por invitación: pide un enlace a un propietario de una aplicación. Si tienes cuenta pero no teléfono, el operador del servicio te crea uno con `iampass-server console link`.

error-to-console = A la Console
error-not-found-title = Página no encontrada
error-not-found = No hay nada en esta dirección, o nada que se te muestre.
error-method = Esta dirección no se puede usar así.
error-not-allowed-title = No permitido
error-may-not-see = No puedes ver esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-manage-users = Aquí no puedes añadir ni eliminar usuarios. Pregunta a un propietario de la aplicación.
error-may-not-manage-devices = Aquí no puedes cambiar los teléfonos de los usuarios. Pregunta a un propietario de la aplicación.
error-may-not-end-sessions = Aquí no puedes cerrar la sesión de usuarios. Pregunta a un propietario de la aplicación.
error-may-not-rotate-secret = No puedes cambiar el secreto de esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-configure = No puedes cambiar los ajustes de esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-switch-off = No puedes desactivar ni activar esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-delete = No puedes eliminar esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-manage-members = No puedes cambiar quién forma parte de esta aplicación. Pregunta a un propietario de la aplicación.
error-may-not-decide-messages = No puedes decidir sobre los mensajes de esta aplicación: lo hacen los administradores. Pregunta a un propietario de la aplicación.
error-may-not-leave = No puedes dejar esta aplicación: no eres miembro. Pregunta a un propietario de la aplicación.
error-unchanged-title = No se ha cambiado nada
error-right-ended = Tu sesión, o tu derecho a hacerlo, terminó antes de que se hiciera. Inicia sesión otra vez, o pregunta a un propietario de la aplicación.
error-cross-site = Este formulario no lo envió una página de la Console, así que se rechazó. Si querías hacerlo, hazlo en su página.
error-not-for-scripts = Esta página muestra algo secreto, así que se muestra a una persona y a ningún script. Usa su botón en la página de la Console.
error-too-long-title = Demasiado largo
error-too-long = Lo que se envió es más largo que cualquier cosa que pueda haber aquí.
error-not-understood-title = No entendido
error-not-understood = Lo que se envió no es ninguno de los formularios de la Console. Vuelve a cargar la página.
error-void-link-title = Este enlace no es válido
error-void-link = Ya se usó, ha caducado, o no se copió entero. Pide uno nuevo a la persona que te lo dio.
error-invited-title = Por invitación
error-invited = Aquí las cuentas se crean por invitación. Pide un enlace a un propietario de una aplicación, o al operador del servicio.
error-too-many-title = Demasiado a la vez
error-too-many = Desde tu dirección se crearon muchas cuentas en poco tiempo. No se ha hecho nada; vuelve a intentarlo dentro de unos minutos.
error-phone-too-new-title = Todavía no
error-phone-too-new = Un código de recuperación admitió uno de tus teléfonos hace menos de un día. Hasta que pase un día ningún enlace sustituye los otros, para que puedas quitar ese teléfono si no es tuyo. Un administrador puede crearte un enlace.
error-unavailable-title = No disponible en este momento
error-unavailable = No se ha cambiado nada. Vuelve a cargar esta página en un momento.
error-perhaps-done-title = Puede que ya esté hecho
error-perhaps-done = La base de datos no ha respondido al final, así que no se sabe si está hecho. Abre la página donde se vería y míralo antes de volver a hacerlo. Si se ha creado algo que solo se muestra una vez, como un secreto o un enlace, crea otro.
error-internal-title = Algo ha salido mal
error-internal = Es culpa nuestra, no tuya. Vuelve a intentarlo enseguida.

landing-title = Te damos la bienvenida
landing = Aquí los desarrolladores añaden aplicaciones cuyos usuarios inician sesión con el teléfono. Tú inicias sesión igual: no hay contraseñas.
landing-invited = Las cuentas se crean por invitación. El operador del servicio crea la primera:

register-title = Crear una cuenta
register = En la página siguiente registras tu teléfono. Desde entonces aceptas en él cada uno de tus inicios de sesión.
register-failed = No se ha creado ninguna cuenta.
register-name = Nombre de usuario
register-name-hint = De 3 a 32 letras de la a a la z, cifras, y entre ellas . - _ No se puede cambiar después.
register-continue = Continuar a tu teléfono
register-have = ¿Ya tienes una cuenta?
register-unfinished = ¿Empezaste aquí y no terminaste?
register-phone = Registra tu teléfono en el plazo de 15 minutos
name-none = Elige un nombre de usuario.
name-letters = Usa solo las letras de la a a la z, cifras, y entre ellas . - _
name-ends = Empieza y termina con una letra o una cifra.
name-short = Usa al menos 3 caracteres.
name-long = Usa como máximo 32 caracteres.
name-reserved = Otros tomarían este nombre por el del servicio. Elige otro.
name-taken = Este nombre está ocupado. Elige otro.

applications-first-title = Tres pasos hasta el primer inicio de sesión
applications-first-add = Añade tu aplicación.
applications-first-add-why = Recibe un ID y un secreto, por los que el servicio la conoce.
applications-first-environment = Ponlos en su entorno,
applications-first-environment-how = con { $variable }, y monta el inicio de sesión: unas pocas líneas con axum o actix-web.
applications-first-phone = Registra un teléfono para un usuario e inicia sesión.
applications-first-phone-how = ¿No tienes un teléfono a mano? El servicio tiene una página que hace de teléfono:
applications-add = Añadir aplicación
applications-name = Nombre
applications-role = Tu rol
applications-added = Añadida
applications-disabled = desactivada
applications-left = Has dejado la aplicación.
applications-deleted = La aplicación se ha eliminado.

new-application-title = Añadir una aplicación
new-application = Recibe un ID y un secreto, que se muestra una vez. Pasas a ser su propietario.
new-application-failed = No se ha añadido ninguna aplicación.
new-application-name-hint = Los teléfonos lo muestran con cada solicitud: usa el nombre que conocen tus usuarios. Se puede cambiar después.
application-name-none = Escribe el nombre con el que la conocen tus usuarios.
application-name-unseen = Usa caracteres que se puedan ver.
application-name-long = Usa como máximo 60 caracteres.
application-name-scripts = Usa letras de una sola escritura, o latinas junto a otra: aquí se mezclan algunas que se parecen.
application-name-reserved = Este es el nombre de la propia Console. Elige otro, que tus usuarios conozcan.

credentials-title = Credenciales
credentials-added = Se ha añadido { $application }
credentials-these = Estas son sus credenciales.
credentials-new-title = Secreto nuevo
credentials-new = { $application } tiene un secreto nuevo
credentials-before-over = El anterior ya no sirve.
credentials-before-stays = El anterior sirve todavía un tiempo: pon mientras tanto el nuevo en su lugar.
credentials-once = El secreto se muestra solo esta vez:
credentials-once-why = nadie puede consultarlo después, tampoco aquí. Guárdalo donde tu aplicación lo encuentre, y en ningún otro sitio.
credentials-lines = Como líneas para una shell o un archivo .env
credentials-copy-all = Copiar todo
credentials-kept = He guardado el secreto

overview-id = ID de la aplicación
overview-server = Servidor
overview-users = Usuarios
overview-sessions = Sesiones abiertas
overview-role = Tu rol
overview-first-title = Aún no hay usuarios
overview-first-variables = Define las tres variables
overview-first-variables-how = donde se ejecuta tu aplicación: { $variables }, y el secreto que se te mostró.
overview-first-enrol = Inscribe a un usuario:
overview-first-enrol-how = tu aplicación añade aquí al usuario y muestra un enlace para el teléfono.
overview-first-sign-in = Inicia sesión:
overview-first-sign-in-how = el teléfono pregunta, el usuario acepta, y aquí ves la sesión.
overview-leave = Dejar esta aplicación
overview-joined = Ahora formas parte de esta aplicación.
overview-is-member = Ya formas parte de esta aplicación; la invitación sigue valiendo para otra persona.

users-title = Usuarios
users-failed = No se ha añadido a nadie.
users-first-title = Aún no hay usuarios
users-first = Un usuario es un ID opaco que tu aplicación ha inventado, como un token aleatorio: ni nombre ni dirección. La mayoría de las aplicaciones añaden ellas mismas a sus usuarios cuando alguien se inscribe; también puedes añadir algunos aquí, y dar a cada uno un enlace que registra un teléfono.
users-search-label = El ID de usuario empieza por
users-search = Buscar
users-all = Todos
users-none-here = No hay nadie en este punto de la lista.
users-none-begins = Ningún ID de usuario empieza por { $prefix }.
users-none-begins-here = En este punto de la lista ningún ID de usuario empieza por { $prefix }.
users-to-start = Al principio
users-search-start = Buscar desde el principio
users-id = ID de usuario
users-phone = Teléfono
users-phone-since = registrado
users-phone-none = ninguno
users-sessions = Sesiones abiertas
users-added = Añadido
list-pages = Páginas de la lista
list-previous = Anterior
list-next = Siguiente
users-add-title = Añadir usuarios
users-add-label = ID de usuario, uno por línea
users-add-hint = Usa tokens que no digan nada de la persona. Los que ya están aquí se quedan como están.
users-add = Añadir
users-deleted = El usuario se ha eliminado.
users-were-here = No se ha cambiado nada. Ya estaban aquí: { $existing }.
users-were-added = Añadidos: { $created }.
users-were-added-and-here = Añadidos: { $created }. Ya estaban aquí: { $existing }.
users-none-given = Escribe al menos un ID de usuario.
users-too-many = Añade como máximo { $most } usuarios a la vez.
users-line-wrong = La línea { $line } no es un ID de usuario: es demasiado larga o tiene caracteres que ningún ID tiene.
sessions-title = Sesiones
sessions-reload = Volver a cargar
sessions-none-title = Nadie tiene la sesión iniciada
sessions-none = Una sesión aparece aquí cuando tu aplicación pregunta al teléfono de un usuario, y desaparece cuando el usuario cierra sesión, cuando se acaba su tiempo, o cuando se cierra aquí.
sessions-no-older = No hay sesiones más antiguas.
sessions-state = Estado
sessions-since = Desde
sessions-ends = Termina
sessions-actions = Acciones
sessions-deleted = eliminado
sessions-log-out = Cerrar sesión
sessions-withdraw = Retirar
sessions-older = Más antiguas
sessions-newest = A las más recientes
sessions-ended = La sesión se ha cerrado.
state-pending = espera al teléfono
state-identifying = el teléfono pregunta
state-active = activa
state-walkaway = ausente
state-ended = cerrada
end-session-heading = ¿Cerrar la sesión de { $user }?
end-session-at-once = La sesión que empezó { $since } se cierra enseguida, esté donde esté abierta.
end-session-others = Las otras sesiones de este usuario siguen.
end-session-withdraw-heading = ¿Retirar lo que se pregunta al teléfono de { $user }?
end-session-withdraw = El inicio de sesión termina enseguida. Nadie inicia sesión con él.
confirm-unchanged = No se ha cambiado nada.
confirm-type = Escribe { $name } para continuar
confirm-not-the-name = Ese no es el nombre. No se ha cambiado nada.
confirm-use-button = Usa el botón de abajo para continuar.

user-all = Todos los usuarios
user-phone = Teléfono
user-phones = Teléfonos
user-phone-number = Teléfono { $number }
user-phone-name = Nombre
user-platform = Plataforma
user-platform-unknown = desconocida
user-registered = Registrado
user-last-used = Último uso
user-key = Clave
user-key-own = Propia: cada respuesta se firma en el teléfono.
user-key-shared = Compartida con este servicio. Un enlace de registro nuevo da al teléfono una clave propia.
user-unlocking = Desbloqueo
user-unlock-since = Demostrado con una llave de acceso, creada { $since }.
user-unlock-synced = Está sincronizada: también está en otros dispositivos del usuario.
user-unlock-can-sync = Se puede sincronizar con otros dispositivos del usuario, y aún no lo está.
user-unlock-stays = Se queda en este teléfono.
user-unlock-none = No configurado. El teléfono crea una llave de acceso cuando un inicio de sesión pide por primera vez el método device.
user-recovered = Recuperado
user-recovered-until = Lo añadió un código de recuperación. Hasta entonces no cambia nada en los otros teléfonos:
user-remove = Quitar
user-no-phone = No hay ningún teléfono registrado, así que este usuario no puede iniciar sesión.
user-make-link = Crea un enlace y deja que el usuario lo abra en el teléfono.
user-waits = Un teléfono espera confirmación: con su código en un teléfono que el usuario tenga, o con un código de recuperación. Se olvida entonces:
user-codes-left = Códigos de recuperación restantes: { $count }
user-link-out = Hay un enlace de registro en circulación que aún no se ha usado. Otro lo anula. Si no, caduca:
user-new-link = Nuevo enlace de registro
user-add-phone = Añadir un teléfono
user-test-push = Enviar una notificación de prueba
user-phone-lost = Teléfono perdido
user-remove-phone = Quitar el teléfono
user-remove-phones = Quitar todos los teléfonos
user-log-out-everywhere = Cerrar sesión en todas partes
user-signed-in-nowhere = Este usuario no tiene la sesión iniciada en ningún sitio.
user-this-session = esta sesión
user-delete = Eliminar este usuario
user-title = Usuario
user-was-added = El usuario se ha añadido. Lo siguiente: un teléfono.
user-was-here = Este usuario ya estaba aquí.
user-phone-registered = El teléfono está registrado.
user-phone-removed = El teléfono se ha quitado, y sus sesiones se han cerrado.
user-push-queued = Una notificación de prueba va de camino. La página «{ tab-pushes }» dice qué ha sido de ella.
user-push-nowhere = Ningún teléfono de este usuario puede recibir notificaciones. Pide al usuario que abra la página del teléfono y active las notificaciones.
user-logged-out = Se ha cerrado la sesión del usuario en todas partes.
