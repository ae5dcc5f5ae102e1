# Los textos de las páginas de inicio de sesión.

language-name = Español
languages-label = Idioma
tab-title = { $page } · { $application }

login-title = Iniciar sesión
login-heading = Iniciar sesión en { $application }
login-lead = Su teléfono pregunta si es usted. No hay contraseña.
login-name-label = Nombre de usuario
login-button = Iniciar sesión
login-button-busy = Preguntando a su teléfono…
login-code-lead = Abra IAMPASS en su teléfono y escanee el código. No necesita nombre de usuario ni contraseña.
login-code-button = Mostrar código QR
login-code-button-phone = Iniciar sesión con IAMPASS
login-code-or = O inicie sesión con su nombre de usuario
login-code-over = El código QR se mostró durante unos minutos y nadie lo escaneó.
login-code-gone = El código QR ya no se muestra aquí.
login-keep = Mantener la sesión iniciada en este navegador
login-keep-how = Si no, la sesión se cierra al cerrar el navegador y, como muy tarde, después de { $duration }.
login-no-phone = ¿Aún no ha registrado un teléfono?
login-lost-phone = ¿Ha perdido el teléfono?

problem-title = Sesión no iniciada
problem-empty-name = Escriba su nombre de usuario.
problem-name-too-long = Esto no puede ser un nombre de usuario: es demasiado largo o tiene caracteres que no se pueden escribir.
problem-too-many = Se han empezado demasiados inicios de sesión en poco tiempo. Vuelva a intentarlo dentro de { $duration }.
problem-unreachable = El servicio de inicio de sesión no responde en este momento. No se ha perdido nada: vuelva a intentarlo enseguida.
problem-cross-site = Este inicio de sesión se empezó en otro sitio o en otra dirección, así que no se preguntó a su teléfono. Si es usted quien quiere iniciar sesión, hágalo aquí:
try-again = Volver a intentarlo

wait-preparing-title = Un momento
wait-preparing = Su solicitud va camino del teléfono. No acepte todavía ninguna solicitud.
wait-displaced = Otro navegador estaba iniciando sesión con este nombre, y su solicitud se ha retirado. Si no era usted, rechace toda solicitud que no haya hecho en este navegador.
wait-title = Mire su teléfono
wait-lead = Acepte la solicitud en su teléfono y esta página seguirá por sí sola.
wait-code-title = Acepte en su teléfono
wait-code-lead-ringing = Su teléfono muestra la solicitud. Escanee allí este código, o escriba las cifras, y esta página seguirá por sí sola.
wait-code-lead = Abra IAMPASS en su teléfono. Escanee allí este código, o escriba las cifras, y esta página seguirá por sí sola.
wait-code-qr-label = Código QR para IAMPASS en su teléfono
wait-moving-title = Escanee con su teléfono
wait-moving-lead = Abra IAMPASS en su teléfono y escanee este código. Cambia continuamente, y esta página seguirá por sí sola.
wait-moving-preparing = El código QR aparece en un momento.
wait-moving-reloads = Esta página se recarga cada pocos segundos. Si el teléfono dice que el código es demasiado antiguo, escanee el más reciente. Para iniciar sesión en el propio teléfono, active JavaScript o use su nombre de usuario.
wait-code-label = Código
wait-code-said = El código es { $code }.
wait-code-open = Abrir IAMPASS en este teléfono
wait-application = Aplicación
wait-user = Usuario
wait-until = En espera hasta
wait-deny = Rechace la solicitud si su teléfono nombra una aplicación distinta de { $application }.
wait-seconds = { $seconds } s
wait-left = restantes para aceptar
wait-soon-over = Quedan { $seconds } segundos para aceptar.
wait-trouble = El servicio de inicio de sesión no responde en este momento. Esta página sigue intentándolo, y no se ha perdido nada.
wait-trouble-over = El servicio de inicio de sesión vuelve a responder.
wait-offline = Esta página ha perdido la conexión con { $application }. Sigue intentándolo por sí sola.
wait-online = La conexión ha vuelto.
wait-cancel = Cancelar

end-declined-title = Rechazado
end-declined = La solicitud se rechazó en el teléfono, así que no ha iniciado sesión.
end-reported-title = Denunciado
end-reported = El dueño del teléfono dice que otra persona empezó este inicio de sesión, así que no ha iniciado sesión. Desde ahora este navegador cuenta como desconocido, y durante un tiempo el teléfono no muestra ninguna solicitud por sí solo. Si es usted quien inicia sesión: vuelva a intentarlo, abra IAMPASS en su teléfono y escanee o escriba el código de esta página.
end-wrong-code-title = Código incorrecto
end-wrong-code = El código que vino del teléfono fue incorrecto tres veces, así que no ha iniciado sesión. Vuelva a intentarlo, y escanee o escriba el código nuevo.
end-no-answer-title = Sin respuesta a tiempo
end-no-answer = Nadie respondió a tiempo en un teléfono, así que no ha iniciado sesión.
end-no-phone = ¿Aún no ha registrado un teléfono?
end-no-phone-how = Ver cómo registrar uno
end-cancelled-title = Cancelado
end-cancelled = La solicitud se ha retirado. Si su teléfono aún la muestra, rechácela.
end-failed-title = No ha funcionado
end-failed = Algo ha salido mal por el camino, así que no ha iniciado sesión.
end-unreachable-title = Servicio inaccesible
end-unreachable = El servicio de inicio de sesión no responde en este momento, así que no ha iniciado sesión. No se ha perdido nada: vuelva a intentarlo enseguida.
end-elsewhere-title = Terminado en otro lugar
end-elsewhere = Este inicio de sesión se terminó en otro navegador, y solo vale para uno. Si no era usted, cierre esa sesión en su teléfono.
end-replaced-title = Empezado de nuevo
end-replaced = Se empezó un inicio de sesión más reciente en este navegador, así que este se ha retirado. Si no lo empezó usted, rechace la solicitud en su teléfono.
end-superseded-title = Empezado en otro navegador
end-superseded = Otro navegador empezó a iniciar sesión con este nombre, así que su solicitud se ha retirado. Si no era usted, rechace la solicitud en su teléfono y después envíe la suya otra vez.
end-busy-title = No se preguntó al teléfono
end-busy = Otro navegador está iniciando sesión con este nombre en este momento, así que no se preguntó a ningún teléfono por este inicio. Si no es usted, rechace la solicitud en su teléfono. Vuelva a intentarlo dentro de un minuto.
end-paused-title = En pausa
end-paused = Se rechazaron varias solicitudes en el teléfono, así que durante un tiempo no se le pregunta. Vuelva a intentarlo más tarde, o use un navegador en el que ya haya iniciado sesión.
end-too-many-title = Demasiados inicios de sesión
end-too-many = Se empezaron demasiados inicios de sesión con este nombre, así que no se preguntó a ningún teléfono por este. Rechace las solicitudes que esperan en su teléfono y vuelva a intentarlo dentro de un minuto.
end-refused-title = No se puede iniciar sesión por ahora
end-refused = El servicio de inicio de sesión rechaza por ahora a { $application }, así que no se preguntó a ningún teléfono. Los responsables de { $application } encuentran el motivo en su registro.
end-unknown-user-title = Aquí no hay cuenta
end-unknown-user = { $application } no tiene cuenta para el usuario de este teléfono, o la cuenta está desactivada. Inicie sesión con su nombre de usuario, o pregunte a los responsables de { $application }.
end-sign-in-again = Continuar
returned-elsewhere-title = No empezado en este navegador
returned-elsewhere = El inicio de sesión que aceptó se empezó en otro navegador, así que nadie ha iniciado sesión en { $application }. Si alguien le envió un enlace, no lo use. Para iniciar sesión, empiece aquí:
end-send-again = Enviar otra vez
end-other-name = Usar otro nombre de usuario

enrol-title = Registre su teléfono
enrol-lead = Este teléfono aceptará los inicios de sesión de { $name }.
enrol-preparing-title = Preparando su enlace
enrol-preparing = Tarda un momento. La página sigue por sí sola.
enrol-step-scan = Escanee este código con su teléfono.
enrol-step-confirm = Confirme allí el registro. Esta página sigue por sí sola.
enrol-qr-label = Código QR del enlace de registro
enrol-here-already = ¿Ya está en este teléfono?
enrol-open-link = Abrir el enlace
enrol-link-label = Enlace de registro
enrol-link-warning = La primera persona que abra este enlace aceptará desde entonces los inicios de sesión. No se lo muestre a nadie.
enrol-copy = Copiar
enrol-copied = Copiado
enrol-copy-failed = No copiado: el enlace está seleccionado, cópielo a mano.
add-title = Añadir otro teléfono
add-step-scan = Escanee este código con el teléfono nuevo y confirme allí el registro.
add-step-confirm = El teléfono nuevo muestra seis cifras. En un teléfono que tenga, abra la lista de sus teléfonos y escríbalas.
add-step-remove = Quite allí también el teléfono perdido. Hasta entonces puede aceptar inicios de sesión.
add-step-recovered = El teléfono nuevo puede aceptar inicios de sesión enseguida. Se avisa a sus otros teléfonos.
add-step-remove-later = El teléfono perdido puede aceptar inicios de sesión hasta que se quite. El nuevo podrá quitarlo dentro de un día, en la lista de sus teléfonos. Si es posible que alguien lo tenga, pida a los responsables de { $application } que lo desactiven ahora.
enrol-registered-title = Teléfono registrado
enrol-registered = Desde ahora se le pregunta siempre que { $name } inicia sesión.
enrol-go-on = Continuar
enrol-not-in-time-title = El enlace ya no es válido
enrol-not-in-time = No se registró ningún teléfono a tiempo. Cree un enlace nuevo y vuelva a intentarlo.
enrol-new-link = Crear un enlace nuevo
enrol-failed-title = El teléfono no se ha registrado
enrol-failed = El servicio de inicio de sesión no pudo crear un enlace, o no respondió. No se ha perdido nada: vuelva a intentarlo enseguida.
enrol-no-ticket-title = Cómo registrar un teléfono
enrol-no-ticket = Un teléfono se registra desde { $application }: cuando crea allí su cuenta, le muestra un enlace para su teléfono.
enrol-no-ticket-help = Si tiene cuenta pero no teléfono, o su enlace ya no es válido, pida uno nuevo a los responsables de { $application }.
back-to-login = Volver al inicio de sesión

account-title = Inicios de sesión y teléfonos
account-back = Volver a { $application }
sessions-title = Dónde tiene la sesión iniciada
sessions-lead = Sesión iniciada como { $name }.
sessions-list = Sesiones
sessions-this-one = Este navegador
sessions-other = Otro navegador
sessions-browser = { $browser } en { $system }
sessions-from = Desde { $address }
sessions-since = Sesión iniciada { $ago }
sessions-end = Cerrar sesión
sessions-end-all-lead = ¿Hay algo aquí que no es suyo? Cierre todas las sesiones, también esta.
sessions-end-all = Cerrar sesión en todas partes
browsers-title = Navegadores que le conocen
browsers-lead = Ha iniciado sesión en estos navegadores. Pueden hacer que se pregunte a su teléfono cuando otros no pueden.
browsers-used = Último inicio de sesión { $ago }
browsers-forget = Olvidar
browsers-forget-all = Olvidar todos los navegadores
phones-title = Sus teléfonos
phones-some = Tiene un teléfono que acepta sus inicios de sesión.
phones-none = Ningún teléfono acepta ya sus inicios de sesión. Antes de cerrar sesión, pida a los responsables de { $application } un enlace para registrar uno.
phones-unknown = Ahora mismo no se sabe si un teléfono acepta sus inicios de sesión: el servicio de inicio de sesión no responde.
phones-how = Para ver todos sus teléfonos, añadir uno o quitar uno, abra IAMPASS en uno de sus teléfonos y vaya a «Sus teléfonos».
recovery-title = Códigos de recuperación
recovery-how = Un código de recuperación admite un teléfono nuevo cuando ha perdido el suyo. Para crear códigos nuevos, abra IAMPASS en su teléfono y vaya a «Sus teléfonos». Los códigos anteriores dejan entonces de servir. Guarde los códigos lejos del teléfono.

lost-title = ¿Ha perdido el teléfono?
lost-offer = Podrá registrar otro teléfono dentro de { $duration }, { $name }, desde este navegador. Hasta entonces, todo inicio de sesión que su teléfono acepte detiene la sustitución, y también puede detenerla usted en cualquier navegador en el que tenga la sesión iniciada.
lost-ask-button = Pedir que se sustituya el teléfono
lost-waiting = Este navegador podrá registrar otro teléfono dentro de { $duration }. Vuelva entonces a esta página.
lost-waiting-elsewhere = Otro navegador ha pedido sustituir su teléfono, { $name }. Podrá hacerlo dentro de { $duration }. Si no era usted, deténgalo ahora y cierre sesión en todas partes.
lost-stop-button = Detenerlo
lost-lead = El teléfono se puede sustituir ahora, { $name }. Con ello ocurren tres cosas:
lost-disables = El teléfono ya no puede aceptar ningún inicio de sesión.
lost-ends = Se cierran todas sus sesiones, también esta.
lost-new-link = Recibe un enlace para registrar otro teléfono. Tenga ese teléfono a mano.
lost-button = Sustituir el teléfono
lost-keep = Conservarlo
lost-code-title = Con un código de recuperación
lost-code-lead = Escriba su nombre de usuario y uno de los códigos de recuperación que su teléfono ha creado en la lista de sus teléfonos. Recibe un enlace para un teléfono nuevo. Cada código sirve una vez.
lost-code-label = Código de recuperación
lost-code-button = Usar el código
lost-other-title = Con otro de sus teléfonos
lost-other-lead = Recibe un enlace para un teléfono nuevo. El teléfono nuevo queda en espera hasta que lo confirme uno de los que ya tiene.
lost-other-button = Añadir un teléfono
lost-other-sign-in = Inicie sesión con el teléfono que tiene y después vuelva a esta página.
lost-problem-title = No se ha cambiado nada
lost-problem-incomplete = Escriba su nombre de usuario y un código de recuperación.
lost-problem-wrong-code = Este código no existe con este nombre de usuario, o ya no sirve. Compare cada letra con lo que tiene anotado, o tome otro código.
lost-problem-too-many = Se ha intentado demasiado en poco tiempo. Vuelva a intentarlo dentro de { $duration }.
lost-problem-no-room = Ya tiene el máximo de teléfonos. En un teléfono que tenga, abra la lista de sus teléfonos y quite uno que no use. Después vuelva a intentarlo: no se ha gastado ningún código.
lost-problem-no-key = Uno de sus teléfonos no puede tener otro a su lado. Pida a los responsables de { $application } un enlace que lo sustituya. No se ha gastado ningún código.
lost-problem-in-use = Uno de sus teléfonos se ha usado después de pedir que se sustituya; por eso no se sustituye. Si no tiene ningún teléfono, pida ayuda a los responsables de { $application }. Si no lo ha pedido usted, cierre todas sus sesiones.
lost-problem-unreachable = El servicio de inicio de sesión no responde en este momento. Vuelva a intentarlo enseguida. Si entonces no se acepta el código, use otro.
lost-logged-out = Sin el teléfono no puede iniciar sesión aquí, y nadie más puede sin desbloquearlo.
lost-elsewhere = ¿Aún tiene la sesión iniciada en otro navegador? Abra esta página allí.
lost-help = Pregunte a los responsables de { $application }. Pueden desactivar el teléfono y darle un enlace para otro.

away-title = Parece que no está
away-text = Vuelva para continuar.
away-log-out = Cerrar sesión
offline-title = Conexión perdida
offline-text = Esta página volverá por sí sola cuando se recupere la conexión.

unavailable-title = No disponible en este momento
unavailable-text = Ahora mismo no se sabe si tiene la sesión iniciada. No se ha perdido nada: vuelva a cargar esta página en un momento.
signed-in-as = Sesión iniciada como { $name }

unproven-title = Esto necesita un inicio de sesión más fuerte
unproven-code = Inicie sesión otra vez y escanee o escriba en su teléfono el código que muestra la página de inicio de sesión.
unproven-unlocked = Inicie sesión otra vez y desbloquee su teléfono cuando se lo pida.
unproven-key = Su teléfono no tiene clave propia, y aquí es necesaria. Pregunte a los responsables de { $application } cómo registrarlo de nuevo y después inicie sesión otra vez.
unproven-link = Iniciar sesión otra vez
cross-site-title = No se ha hecho nada
cross-site-text = Esto vino de otro sitio, o de otra dirección de { $application }, y se rechazó. Si quería hacerlo, hágalo en la dirección de abajo.
cross-site-link = Continuar en { $address }
not-found-title = Esta página no existe
not-found-text = No hay nada en esta dirección.
forbidden-title = No puede abrir esta página
forbidden-text = Ha iniciado sesión como { $name }, y esta página es para otras personas. Los responsables de { $application } deciden quién puede abrirla. Si tiene otro nombre de usuario, cierre primero la sesión.

ago = hace { $duration }
just-now = ahora mismo

duration-seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
duration-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
duration-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
duration-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
