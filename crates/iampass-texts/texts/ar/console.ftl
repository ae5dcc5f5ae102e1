# نصوص وحدة التحكم.

skip = الانتقال إلى المحتوى
menu = القائمة
languages = اللغة
signed-in-as = مسجَّل الدخول باسم
sign-out = تسجيل الخروج
applications = التطبيقات
accounts = الحسابات
your-account = حسابك
tab-overview = نظرة عامة
tab-users = المستخدمون
tab-sessions = الجلسات
tab-history = سجلّ تسجيلات الدخول
tab-snippets = مقتطفات برمجية
tab-settings = الإعدادات
tab-members = الأعضاء
tab-messages = الرسائل
tab-pushes = الإشعارات
tab-events = الأحداث
tab-log = السجلّ
application-disabled = هذا التطبيق معطّل: لا يُجاب عن أي من طلباته، ولا يمكن لأحد تسجيل الدخول إليه.
copy = نسخ
copied = تم النسخ
not-copied = لم يُنسخ: النص محدَّد، فانسخه يدويًا.
cancel = إلغاء
continue = متابعة
back = رجوع
sign-in = تسجيل الدخول

moment-now = الآن
moment-soon = بعد لحظة
moment-minutes-ago = { $count ->
    [zero] قبل { $count } دقيقة
    [one] قبل دقيقة واحدة
    [two] قبل دقيقتين
    [few] قبل { $count } دقائق
    [many] قبل { $count } دقيقة
   *[other] قبل { $count } دقيقة
}
moment-hours-ago = { $count ->
    [zero] قبل { $count } ساعة
    [one] قبل ساعة واحدة
    [two] قبل ساعتين
    [few] قبل { $count } ساعات
    [many] قبل { $count } ساعة
   *[other] قبل { $count } ساعة
}
moment-days-ago = { $count ->
    [zero] قبل { $count } يوم
    [one] قبل يوم واحد
    [two] قبل يومين
    [few] قبل { $count } أيام
    [many] قبل { $count } يومًا
   *[other] قبل { $count } يوم
}
moment-in-minutes = { $count ->
    [zero] بعد { $count } دقيقة
    [one] بعد دقيقة واحدة
    [two] بعد دقيقتين
    [few] بعد { $count } دقائق
    [many] بعد { $count } دقيقة
   *[other] بعد { $count } دقيقة
}
moment-in-hours = { $count ->
    [zero] بعد { $count } ساعة
    [one] بعد ساعة واحدة
    [two] بعد ساعتين
    [few] بعد { $count } ساعات
    [many] بعد { $count } ساعة
   *[other] بعد { $count } ساعة
}
moment-in-days = { $count ->
    [zero] بعد { $count } يوم
    [one] بعد يوم واحد
    [two] بعد يومين
    [few] بعد { $count } أيام
    [many] بعد { $count } يومًا
   *[other] بعد { $count } يوم
}

role-owner = مالك
role-owner-may = كل شيء، ومنه الأعضاء والتعطيل والحذف.
role-developer = مطوّر
role-developer-may = المستخدمون والهواتف والجلسات والإعدادات والسرّ.
role-read-only = قراءة فقط
role-read-only-may = يرى كل شيء إلا السرّ، ولا يغيّر شيئًا.
role-administrator = مدير
role-administrator-may = مدير الخدمة. ترى هذا التطبيق، ويمكنك تحديد من ينتمي إليه.

login-no-account = ليس لديك حساب بعد؟
login-lost-help = اسأل مدير وحدة التحكم هذه أو مشغّل الخدمة: ينشئ `iampass-server console link --name` رابطًا يستبدل الهاتف.
login-account-open = يحتاج الحساب إلى اسم وهاتف، ولا يحتاج إلى كلمة مرور. إذا كان لديك حساب وليس لديك هاتف، فمشغّل الخدمة ينشئ لك رابطًا بالأمر `iampass-server console link`.
login-account-invited = تُنشأ الحسابات هنا بدعوة: اطلب رابطًا من مالك تطبيق. إذا كان لديك حساب وليس لديك هاتف، فمشغّل الخدمة ينشئ لك رابطًا بالأمر `iampass-server console link`.

error-to-console = إلى وحدة التحكم
error-not-found-title = الصفحة غير موجودة
error-not-found = لا يوجد شيء في هذا العنوان، أو لا شيء يُعرض لك.
error-method = لا يمكن استخدام هذا العنوان بهذه الطريقة.
error-not-allowed-title = غير مسموح
error-may-not-see = لا يمكنك رؤية هذا التطبيق. اسأل مالك التطبيق.
error-may-not-manage-users = لا يمكنك إضافة مستخدمين أو حذفهم هنا. اسأل مالك التطبيق.
error-may-not-manage-devices = لا يمكنك تغيير هواتف المستخدمين هنا. اسأل مالك التطبيق.
error-may-not-end-sessions = لا يمكنك تسجيل خروج مستخدمين هنا. اسأل مالك التطبيق.
error-may-not-rotate-secret = لا يمكنك تغيير سرّ هذا التطبيق. اسأل مالك التطبيق.
error-may-not-configure = لا يمكنك تغيير إعدادات هذا التطبيق. اسأل مالك التطبيق.
error-may-not-switch-off = لا يمكنك تعطيل هذا التطبيق أو تفعيله. اسأل مالك التطبيق.
error-may-not-delete = لا يمكنك حذف هذا التطبيق. اسأل مالك التطبيق.
error-may-not-manage-members = لا يمكنك تغيير من ينتمي إلى هذا التطبيق. اسأل مالك التطبيق.
error-may-not-manage-events = لا يمكنك تحديد وجهة أحداث هذا التطبيق. اسأل أحد مالكيه.
error-may-not-decide-messages = لا يمكنك البتّ في رسائل هذا التطبيق. اسأل مديرًا لهذه الخدمة.
error-may-not-leave = لا يمكنك مغادرة هذا التطبيق: لست عضوًا فيه.
error-unchanged-title = لم يتغيّر شيء
error-right-ended = انتهت جلستك أو انتهى حقك في ذلك قبل أن يتم. سجّل الدخول مرة أخرى، أو اسأل مالك التطبيق.
error-cross-site = لم ترسل هذا النموذج صفحةٌ من وحدة التحكم، لذلك رُفض. إذا كنت تريده فافعله في صفحته.
error-not-for-scripts = تعرض هذه الصفحة شيئًا سريًّا، لذلك تُعرض لإنسان ولا تُعرض لبرنامج نصي. استخدم الزر في صفحة وحدة التحكم.
error-too-long-title = أطول من اللازم
error-too-long = ما أُرسل طويل جدًا. ارجع واختصره وأرسله من جديد.
error-not-understood-title = غير مفهوم
error-not-understood = ما أُرسل ليس من نماذج وحدة التحكم. أعد تحميل الصفحة.
error-void-link-title = هذا الرابط غير صالح
error-void-link = سبق استخدامه، أو انتهت مدته، أو لم يُنسخ كاملًا. اطلب رابطًا جديدًا ممن أعطاك هذا.
error-invited-title = بدعوة
error-invited = تُنشأ الحسابات هنا بدعوة. اطلب رابطًا من مالك تطبيق أو من مشغّل الخدمة.
error-too-many-title = كثير في وقت واحد
error-too-many = أُنشئت من عنوانك حسابات كثيرة في وقت قصير. لم يحدث شيء؛ حاول مرة أخرى بعد بضع دقائق.
error-phone-too-new-title = ليس بعد
error-phone-too-new = قُبل أحد هواتفك قبل أقل من يوم، برمز استرداد أو إلى جانب هاتف يمكن فتح قفله. حتى يمضي يوم يمكنك الاطلاع على كل شيء وإنهاء الجلسات وإيقاف التطبيقات، ولا يمكنك تغيير أي شيء آخر، لكي لا يُلحق غريب معه ذلك الهاتف ضررًا باقيًا. أزِل الهاتف إن لم يكن لك: عندها يمكنك تغيير كل شيء من جديد على الفور. وإلا فانتظر، أو اسأل مديرًا.
error-unavailable-title = غير متاح الآن
error-unavailable = لم يتغيّر شيء. أعد تحميل هذه الصفحة بعد لحظة.
error-perhaps-done-title = ربما تمّ الأمر
error-perhaps-done = لم تُجب قاعدة البيانات في النهاية، لذلك لا يُعرف هل تمّ الأمر. افتح الصفحة التي يظهر فيها وتحقّق قبل أن تعيده. وإذا نتج عنه ما لا يظهر إلا مرة واحدة، مثل سرّ أو رابط، فأنشئ غيره.
error-internal-title = حدث خطأ
error-internal = هذا خطؤنا وليس خطأك. حاول مرة أخرى بعد لحظة.

landing-title = أهلًا بك
landing = هنا يضيف المطوّرون تطبيقات يسجّل مستخدموها الدخول بالهاتف. أنت تسجّل الدخول بالطريقة نفسها: لا توجد كلمات مرور.
landing-invited = تُنشأ الحسابات بدعوة. ينشئ مشغّل الخدمة أول حساب:

register-title = إنشاء حساب
register = في الصفحة التالية تسجّل هاتفك. منذ ذلك الحين تقبل عليه كل عملية تسجيل دخول لك.
register-failed = لم يُنشأ حساب.
register-name = اسم المستخدم
register-name-hint = من 3 إلى 32 من الأحرف a إلى z والأرقام، وبينها . - _ لا يمكن تغييره لاحقًا.
register-continue = المتابعة إلى هاتفك
register-have = لديك حساب بالفعل؟
register-unfinished = بدأت هنا ولم تكمل؟
register-phone = سجّل هاتفك خلال 15 دقيقة
name-none = اختر اسم مستخدم.
name-letters = استخدم الأحرف a إلى z والأرقام فقط، وبينها . - _
name-ends = ابدأ بحرف أو رقم وانتهِ بحرف أو رقم.
name-short = استخدم 3 أحرف على الأقل.
name-long = استخدم 32 حرفًا على الأكثر.
name-reserved = قد يظن الآخرون أن هذا اسم الخدمة نفسها. اختر اسمًا آخر.
name-taken = هذا الاسم مأخوذ. اختر اسمًا آخر.

applications-first-title = ثلاث خطوات إلى أول تسجيل دخول
applications-first-add = أضِف تطبيقك.
applications-first-add-why = يحصل على معرّف وسرّ تعرفه الخدمة بهما.
applications-first-environment = ضعهما في بيئته،
applications-first-environment-how = مع { $variable }، وركّب تسجيل الدخول: بضعة أسطر باستخدام axum أو actix-web.
applications-first-phone = سجّل هاتفًا لمستخدم وسجّل الدخول.
applications-first-phone-how = ليس لديك هاتف؟ للخدمة صفحة تقوم مقام الهاتف:
applications-add = إضافة تطبيق
applications-name = الاسم
applications-role = دورك
applications-added = أُضيف
applications-disabled = معطّل
applications-left = لقد غادرت التطبيق.
applications-deleted = حُذف التطبيق.

new-application-title = إضافة تطبيق
new-application = يحصل على معرّف وسرّ يُعرض مرة واحدة. تصبح أنت مالكه.
new-application-failed = لم يُضف تطبيق.
new-application-too-many = عدد التطبيقات التي أنشأتها: { $most }، وهو أقصى ما يُسمح به لحساب هنا. احذف تطبيقًا لم يعد يُستخدم، أو اطلب من أحد مسؤولي الخدمة إضافة هذا التطبيق.
new-application-name-hint = تعرضه الهواتف مع كل طلب: استخدم الاسم الذي يعرفه مستخدموك. يمكن تغييره لاحقًا.
application-name-none = أدخل الاسم الذي يعرفه به مستخدموك.
application-name-unseen = استخدم أحرفًا مرئية.
application-name-long = استخدم 60 حرفًا على الأكثر.
application-name-scripts = استخدم أحرف كتابة واحدة، أو أحرفًا لاتينية مع كتابة أخرى واحدة: هنا أحرف متشابهة مختلطة.
application-name-reserved = هذا اسم وحدة التحكم نفسها. اختر اسمًا آخر يعرفه مستخدموك.

credentials-title = بيانات الاعتماد
credentials-added = تمت إضافة { $application }
credentials-these = هذه بيانات اعتماده.
credentials-new-title = سرّ جديد
credentials-new = لدى { $application } سرّ جديد
credentials-before-over = لم يعد السرّ السابق صالحًا.
credentials-before-stays = يبقى السرّ السابق صالحًا لفترة: ضع الجديد مكانه في هذه الأثناء.
credentials-once = يُعرض السرّ هذه المرة فقط:
credentials-once-why = لا يمكن لأحد الاطلاع عليه لاحقًا، ولا هنا أيضًا. احفظه حيث يجده تطبيقك، ولا تحفظه في مكان آخر.
credentials-lines = أسطر لصدفة الأوامر
credentials-copy-all = نسخ الكل
credentials-kept = لقد حفظت السرّ

overview-id = معرّف التطبيق
overview-server = الخادم
overview-users = المستخدمون
overview-sessions = الجلسات المفتوحة
overview-role = دورك
overview-first-title = لا يوجد مستخدمون بعد
overview-first-variables = اضبط المتغيرات الثلاثة
overview-first-variables-how = حيث يعمل تطبيقك: { $variables } والسرّ الذي عُرض لك.
overview-first-enrol = سجّل مستخدمًا:
overview-first-enrol-how = يضيف تطبيقك المستخدم هنا ويعرض رابطًا للهاتف.
overview-first-sign-in = سجّل الدخول:
overview-first-sign-in-how = يسأل الهاتف فيقبل المستخدم، وترى الجلسة هنا.
overview-leave = مغادرة هذا التطبيق
overview-joined = أنت الآن تنتمي إلى هذا التطبيق.
overview-is-member = أنت تنتمي إلى هذا التطبيق بالفعل؛ ولا تزال الدعوة صالحة لشخص آخر.
chart-hours = عمليات تسجيل الدخول في اليوم الأخير، بالساعة
chart-days = عمليات تسجيل الدخول في آخر 30 يومًا
chart-times = من السؤال إلى الجواب، باليوم
chart-none = لم تكن هناك عمليات تسجيل دخول في هذا الوقت.
chart-no-answers = لم تكن هناك أجوبة في هذا الوقت.
chart-accepted = سجّلوا الدخول
chart-denied = رُفضت
chart-unanswered = بلا جواب أو سُحبت أو فشلت
chart-numbers = الأعداد نفسها في جدول
chart-hour = الساعة، بتوقيت UTC
chart-day = اليوم، بتوقيت UTC
chart-median = نصف الأجوبة جاء خلال
chart-p95 = 95 من كل 100 جواب جاءت خلال
chart-counting = عمليات تسجيل الدخول كثيرة. التي بدأت قبل هذا الوقت لم تُعدّ بعد: { $since }. أعد تحميل الصفحة ليُعدّ المزيد.
chart-not-counted = عمليات تسجيل الدخول هذه لم تُعدّ.
chart-busy = تُعدّ عمليات تسجيل الدخول في هذه اللحظة، ويستغرق ذلك أطول مما تنتظره هذه الصفحة. أعد تحميلها لتراها مرسومة.
chart-too-many = أكثر من أن تُعدّ
chart-too-many-said = الساعة التي فيها أكثر من 1,000,000 عملية تسجيل دخول لا تُعدّ. وهي لا تظهر في الرسوم، ولا يظهر يومها.
chart-kept = تُحفظ عمليات تسجيل الدخول بعد انتهائها مدة { $duration }. ولا تعود الرسوم إلى ما قبل ذلك.
chart-not-told = ربما رُفض بعض ما بقي بلا جواب: فقد انتهى في إصدار سابق من الخدمة لم يكن يميّز الرفض من السحب. وعددها: { $count }
chart-accepted-count = سجّلوا الدخول: { $count }
chart-denied-count = رُفضت: { $count }
chart-unanswered-count = بلا جواب أو سُحبت أو فشلت: { $count }

users-title = المستخدمون
users-failed = لم يُضف أحد.
users-first-title = لا يوجد مستخدمون بعد
users-first = المستخدم معرّف مبهم ابتكره تطبيقك، كرمز عشوائي: لا اسم ولا عنوان. تضيف معظم التطبيقات مستخدميها بنفسها عندما يسجّل أحدهم؛ ويمكنك أيضًا إضافة بعضهم هنا وإعطاء كل منهم رابطًا يسجّل هاتفًا.
users-search-label = يبدأ معرّف المستخدم بـ
users-search = بحث
users-all = الكل
users-none-here = لا أحد في هذا الموضع من القائمة.
users-none-begins = لا يبدأ أي معرّف مستخدم بـ { $prefix }.
users-none-begins-here = في هذا الموضع من القائمة لا يبدأ أي معرّف مستخدم بـ { $prefix }.
users-to-start = إلى البداية
users-search-start = البحث من البداية
users-id = معرّف المستخدم
users-phone = الهاتف
users-phone-since = سُجّل
users-phone-none = لا يوجد
users-sessions = الجلسات المفتوحة
users-added = أُضيف
list-pages = صفحات القائمة
list-previous = السابق
list-next = التالي
users-add-title = إضافة مستخدمين
users-add-label = معرّفات المستخدمين، معرّف في كل سطر
users-add-hint = استخدم رموزًا لا تقول شيئًا عن الشخص. تبقى الموجودة هنا كما هي.
users-add = إضافة
users-deleted = حُذف المستخدم.
users-were-here = لم يتغيّر شيء. الموجودون هنا من قبل: { $existing }.
users-were-added = المضافون: { $created }.
users-were-added-and-here = المضافون: { $created }. الموجودون هنا من قبل: { $existing }.
users-none-given = أدخل معرّف مستخدم واحدًا على الأقل.
users-too-many = عدد المستخدمين الذين يمكن إضافتهم في المرة الواحدة: { $most } على الأكثر.
users-no-room = عدد المستخدمين المسموح به لهذا التطبيق: { $most }، ولا مكان لهؤلاء كلهم. احذف مستخدمين لم يعودوا موجودين، أو اطلب المزيد من أحد مسؤولي الخدمة.
users-line-wrong = السطر { $line } ليس معرّف مستخدم: فهو طويل جدًا أو فيه أحرف لا توجد في معرّف.
sessions-title = الجلسات
sessions-reload = إعادة التحميل
sessions-none-title = لا أحد مسجَّل الدخول
sessions-none = تظهر الجلسة هنا عندما يسأل تطبيقك هاتف مستخدم، وتختفي عندما يسجّل المستخدم الخروج أو ينتهي وقتها أو تُنهى هنا.
sessions-no-older = لا توجد جلسات أقدم.
sessions-state = الحالة
sessions-since = منذ
sessions-ends = تنتهي
sessions-actions = الإجراءات
sessions-deleted = محذوف
sessions-log-out = تسجيل الخروج
sessions-withdraw = سحب
sessions-older = الأقدم
sessions-newest = إلى الأحدث
sessions-ended = انتهت الجلسة.
state-pending = تنتظر الهاتف
state-identifying = الهاتف يسأل
state-active = نشطة
state-walkaway = ابتعد صاحبها
state-ended = انتهت
history-begins = وكل المعرّفات التي تبدأ هكذا
history-outcome = ما آل إليه
history-ended = كيف انتهت الجلسة
history-any = الكل
history-address = عنوان المتصفح
history-no-address = هذا ليس عنوانًا: اكتب عنوان IP، مثل 192.0.2.7 أو 2001:db8::7.
history-none-looked = لم يُعثر على شيء بين عمليات تسجيل الدخول التي فُحصت. توجد عمليات أقدم.
history-no-older = لا توجد عمليات تسجيل دخول أقدم.
history-none-like = لا توجد عملية تسجيل دخول مطابقة.
history-none = لم يسجّل أحد الدخول بعد. يظهر هنا كل سؤال يوجّهه تطبيقك إلى هاتف، وما آل إليه.
history-browser = المتصفح
history-known = متصفح معروف
history-unknown = متصفح جديد
history-phone-gone = هاتف لم يعد موجودًا
history-answered = أُجيب بعد
history-lasted = مدة الدخول
history-search-on = مواصلة البحث من هنا
history-files = كملف، أحدث 10,000 مما يُبحث عنه، بين أحدث 200,000 عملية تسجيل دخول:
history-kept-title = ما يعرفه السجلّ
history-kept = تُحفظ عملية تسجيل الدخول بعد انتهائها مدة { $duration }. ويُحذف ما هو أقدم.
history-not-known = لا يُعرف من المستخدمين إلا معرّفاتهم، وإذا حُذف مستخدم زال معرّفه أيضًا. المتصفح والعنوان هما ما أخبر به تطبيقك. يُذكر اسم الهاتف ما دام مسجَّلًا. يُعرف سبب انتهاء الجلسات التي انتهت منذ هذا الإصدار من الخدمة. وتُستبعد صفحات تسجيل الدخول بلا اسم التي لم يمسحها أي هاتف.
outcome-waiting = ينتظر جوابًا
outcome-accepted = قُبل
outcome-denied = رُفض
outcome-reported = رُفض: «لستُ أنا»
outcome-not-answered = بلا جواب
outcome-superseded = حلّ محله سؤال أحدث
outcome-withdrawn = سُحب
outcome-wrong-code = رمز خاطئ
outcome-failed = كان هناك شيء ناقص
outcome-cancelled = رُفض أو سُحب
ending-by-application = أنهاها التطبيق
ending-by-phone = أُنهيت على الهاتف
ending-in-console = أُنهيت في وحدة التحكم
ending-over = انتهى وقتها
ending-over-while-away = انتهى وقتها والهاتف بعيد
ending-phone-gone = أُزيل الهاتف
ending-user-deleted = حُذف المستخدم
ending-disabled = عُطّل التطبيق أو الحساب
ending-none = ما زالت مفتوحة
ending-unknown = انتهت، ولم يُحفظ السبب
end-session-heading = هل تريد تسجيل خروج { $user }؟
end-session-at-once = تنتهي فورًا الجلسة التي بدأت { $since }، حيثما كانت مفتوحة.
end-session-others = تستمر جلسات هذا المستخدم الأخرى.
end-session-withdraw-heading = هل تريد سحب ما يُسأل عنه هاتف { $user }؟
end-session-withdraw = ينتهي تسجيل الدخول فورًا. لا يسجَّل به دخول أحد.
confirm-unchanged = لم يتغيّر شيء.
confirm-type = اكتب { $name } للمتابعة
confirm-not-the-name = ليس هذا هو الاسم. لم يتغيّر شيء.
confirm-use-button = استخدم الزر أدناه للمتابعة.

user-all = كل المستخدمين
user-phone = الهاتف
user-phones = الهواتف
user-phone-number = الهاتف { $number }
user-phone-name = الاسم
user-platform = المنصة
user-platform-unknown = غير معروفة
user-registered = سُجّل
user-last-used = آخر استخدام
user-key = المفتاح
user-key-own = خاص به: يُوقَّع كل جواب على الهاتف.
user-key-shared = مشترك مع هذه الخدمة. يعطي رابط تسجيل جديد الهاتف مفتاحًا خاصًا به.
user-unlocking = فتح القفل
user-unlock-since = يُثبَت بمفتاح مرور أُنشئ { $since }.
user-unlock-synced = إنه متزامن: يوجد أيضًا على أجهزة أخرى للمستخدم.
user-unlock-can-sync = يمكن مزامنته مع أجهزة أخرى للمستخدم، ولم يحدث ذلك بعد.
user-unlock-stays = يبقى على هذا الهاتف.
user-unlock-none = غير مُعدّ. ينشئ الهاتف مفتاح مرور عندما يطلب تسجيل دخول الطريقة device لأول مرة.
user-recovered = مستردّ
user-recovered-until = أُضيف قبل وقت قصير. ولا يغيّر شيئًا في الهواتف الأخرى حتى:
user-remove = إزالة
user-no-phone = لا هاتف مسجَّل، لذلك لا يستطيع هذا المستخدم تسجيل الدخول.
user-make-link = أنشئ رابطًا ودع المستخدم يفتحه على الهاتف.
user-waits = هاتف ينتظر التأكيد: برمزه على هاتف لدى المستخدم، أو برمز استرداد. يُنسى عندئذٍ:
user-codes-left = رموز الاسترداد المتبقية: { $count }
user-link-out = يوجد رابط تسجيل لم يُستخدم بعد. ينهيه رابط آخر. وإلا فينتهي:
user-new-link = رابط تسجيل جديد
user-add-phone = إضافة هاتف
user-test-push = إرسال إشعار تجريبي
user-phone-lost = فُقد الهاتف
user-remove-phone = إزالة الهاتف
user-remove-phones = إزالة كل الهواتف
user-log-out-everywhere = تسجيل الخروج من كل مكان
user-signed-in-nowhere = هذا المستخدم غير مسجَّل الدخول في أي مكان.
user-this-session = هذه الجلسة
user-delete = حذف هذا المستخدم
user-title = المستخدم
user-was-added = أُضيف المستخدم. التالي: هاتف.
user-was-here = كان هذا المستخدم هنا من قبل.
user-phone-registered = تم تسجيل الهاتف.
user-phone-removed = أُزيل الهاتف وانتهت جلساته.
user-push-queued = إشعار تجريبي في الطريق. تقول الصفحة «{ tab-pushes }» ما يحدث له.
user-push-nowhere = لا يمكن إرسال إشعار إلى أي هاتف لهذا المستخدم. دع المستخدم يفتح صفحة الهاتف ويشغّل الإشعارات.
user-logged-out = سُجّل خروج المستخدم من كل مكان.

duration-seconds = { $count ->
    [zero] { $count } ثانية
    [one] ثانية واحدة
    [two] ثانيتان
    [few] { $count } ثوانٍ
    [many] { $count } ثانية
   *[other] { $count } ثانية
}
duration-minutes = { $count ->
    [zero] { $count } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
}
duration-hours = { $count ->
    [zero] { $count } ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
}
duration-days = { $count ->
    [zero] { $count } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
sessions-end-at-once = { $count ->
    [zero] لا تنتهي أي جلسة.
    [one] تنتهي جلسة واحدة فورًا.
    [two] تنتهي جلستان فورًا.
    [few] تنتهي { $count } جلسات فورًا.
    [many] تنتهي { $count } جلسة فورًا.
   *[other] تنتهي { $count } جلسة فورًا.
}
sessions-none-end = لا تنتهي أي جلسة.
sessions-many-end = تنتهي فورًا كل الجلسات، وعددها { $most } أو أكثر.
attempts = { $count ->
    [zero] لا محاولات
    [one] محاولة واحدة
    [two] محاولتان
    [few] { $count } محاولات
    [many] { $count } محاولة
   *[other] { $count } محاولة
}
none = لا يوجد
show = عرض
link = الرابط
link-make = إنشاء الرابط
link-qr = رابط التسجيل كرمز QR
change = تغيير
enable = تفعيل
disable = تعطيل
delete = حذف
you = أنت
no-sign-in-yet = لم يسجّل الدخول بعد
user-name = اسم المستخدم
role = الدور
created = أُنشئ

own-created = أُنشئ
own-administrator = ترى كل تطبيقات هذه الخدمة، ويمكنك تحديد من ينتمي إليها، وتغيير الحسابات.
own-sessions-title = أين سجّلت الدخول
own-sessions = اطّلع على المتصفحات التي سجّلت الدخول فيها، وسجّل الخروج مما ليس لك. الزر «تسجيل الخروج من كل مكان» هناك ينهي أيضًا روابطك المفتوحة ومفاتيحك لواجهة الإدارة.
own-sessions-show = عرض الجلسات
another-phone = هاتف آخر
own-phone-have = لديك هاتف آخر؟ سجّله هنا والهاتف الحالي في متناول يدك. وإذا فُقد الهاتف الحالي، فإن مديرًا لوحدة التحكم هذه ينشئ لك رابطًا، أو ينشئه مشغّل الخدمة: { $command }.
own-phone-register = تسجيل هاتف آخر
own-phone-heading = هل تريد تسجيل هاتف آخر؟
own-phone-once = تحصل على رابط للهاتف الآخر. يعمل مرة واحدة، ولمدة 15 دقيقة.
own-phone-stays = يبقى الهاتف الحالي مسجَّلًا حتى يُستخدم الرابط. بعد ذلك لا يستطيع قبول شيء.
own-phone-sessions = تنتهي جلساتك في وحدة التحكم في تلك اللحظة. سجّل الدخول مرة أخرى بالهاتف الآخر.
own-phone-open = افتح هذا الرابط على الهاتف الآخر
own-phone-link = يُعرض هذه المرة فقط، ويعمل مرة واحدة، وينتهي { $until }. أول هاتف يفتحه يصبح هاتف حسابك، فلا تُرِه لأحد.
own-phone-then = يبقى الهاتف الحالي صالحًا حتى ذلك الحين. وعندما يُسجَّل الآخر تنتهي جلساتك هنا: سجّل الدخول به مرة أخرى.
own-phone-back = العودة إلى حسابك
own-phone-sign-in = تسجيل الدخول بالهاتف الآخر
own-links-title = الروابط المفتوحة
own-links = لا يزال يمكن استخدام هذه الروابط. أنهِ كل رابط لم تنشئه أنت.
own-link-end = إنهاء
own-link-ended = لم يعد الرابط صالحًا.
link-own-phone = يسجّل هاتفًا آخر لحسابك
link-phone-of = يستبدل هاتف الحساب { $account }
link-new-administrator = ينشئ مديرًا جديدًا
link-new-administrator-named = ينشئ المدير الجديد { $account }
link-invitation = يدعو شخصًا إلى { $application } ({ $role })
link-phone-of-user = يسجّل هاتفًا للمستخدم { $user } في { $application }

accounts-search-label = يبدأ اسم المستخدم بـ
accounts-none-title = لا حساب
accounts-none = لا يوجد حساب يبدأ اسمه بهذا.
accounts-all = كل الحسابات
accounts-more = المزيد
accounts-start = إلى البداية
accounts-deleted = حُذف الحساب.
account-disabled-tag = معطّل
account-administrator-tag = مدير
account-enabled-tag = مفعّل
account-title = الحساب
account-is-disabled = هذا الحساب معطّل: لا يستطيع تسجيل الدخول ولا فعل شيء.
account-administrator = مدير: يرى كل التطبيقات، ويمكنه تغيير الحسابات.
account-plain = حساب
account-phone-registered = سُجّل { $since }
account-phone-none = لا يوجد
account-member-of-none = ليس عضوًا في أي تطبيق.
account-only-owner = الوحيد
account-phone-own = سجّل هاتفًا آخر لنفسك في هذه الصفحة:
account-phone-lost = من فقد هاتفه يدخل من جديد برابط يستبدله. تأكد من هوية من يطلبه.
account-phone-link = إنشاء رابط
account-change-title = تغيير الحساب
account-change = الحساب المعطّل لا يستطيع فعل شيء حتى يُفعَّل من جديد. والحساب المحذوف يزول.
account-log = سجلّ الحساب
account-was-disabled = عُطّل الحساب وانتهت جلساته.
account-was-enabled = فُعّل الحساب من جديد.
account-was-demoted = لم يعد الحساب مديرًا.
account-was-logged-out = انتهت جلسات الحساب.

page-parts = في هذه الصفحة
service = الخدمة
service-this-node = هذه العقدة
service-ready = جاهزة
service-clock-stepped = جاهزة؛ عُدّلت ساعتها قبل قليل
service-stopping = قيد الإيقاف
service-store-away = غير جاهزة: لا يمكن الوصول إلى قاعدة بياناتها
service-store-slow = غير جاهزة: لا تثبّت قاعدة بياناتها التغييرات في الوقت المناسب
service-other-tables = غير جاهزة: الجداول من إصدار آخر للبرنامج
service-store-read-only = غير جاهزة: لا تقبل قاعدة بياناتها أي تغيير
service-store-replaced = غير جاهزة: حُذف ملف بياناتها أو استُبدل
service-clock-wrong = غير جاهزة: ساعتها خاطئة
service-version = الإصدار
service-runs = تعمل منذ
service-address = العنوان
service-database = قاعدة البيانات
service-not-told = لا تجيب.
service-tables = إصدار الجداول
service-nodes = العقد
service-other-versions = لا تعمل كل العقد بالإصدار نفسه. حدّث العقد الأخرى قريبًا.
service-no-nodes = لا تُظهر قاعدة البيانات أي عقدة الآن. أعد تحميل هذه الصفحة بعد بضع ثوان.
service-nodes-how = هذه هي العقد المتصلة الآن بقاعدة البيانات، كما تذكرها قاعدة البيانات.
service-machine = الجهاز
service-process = العملية
service-from = العنوان لدى قاعدة البيانات
service-connected = متصلة منذ
service-this = هذه
service-ways = ما يُرسل
service-no-messages = لا تُرسل روابط التسجيل بالبريد الإلكتروني ولا بالرسائل القصيرة: لم يحدد المشغّل خادم بريد ولا بوابة.
service-ways-since = عدّته هذه العقدة منذ تشغيلها.
service-way = الطريقة
service-by-mail = البريد الإلكتروني
service-by-sms = رسالة قصيرة
service-sent = أُرسل
service-delayed = ستُعاد محاولته
service-failed = تُرك
service-pushes-waiting = { $count ->
    [zero] لا يوجد إشعار ينتظر.
    [one] إشعار واحد ينتظر.
    [two] إشعاران ينتظران.
    [few] { $count } إشعارات تنتظر.
    [many] { $count } إشعارًا ينتظر.
   *[other] { $count } إشعار ينتظر.
}
service-settings = الإعدادات
service-settings-none = شُغّلت هذه الخدمة بإعدادات من برنامج، ولا يوجد ملف إعدادات لعرضه.
service-settings-how = هذه إعدادات هذه العقدة. يسري أي تغيير عند تشغيل العقدة من جديد. لا تُعرض الأسرار.
service-settings-defaults = لم يُضبط شيء: كل الإعدادات على قيمها الأصلية.
service-setting = الإعداد
service-value = القيمة
service-source = مكان ضبطه
service-settings-others = الإعدادات على قيمها الأصلية

access-link-title = رابط لهاتف آخر
access-link-heading = هل تريد إنشاء رابط يستبدل هاتف { $account }؟
access-link-first = أول شخص يفتح الرابط يستطيع منذ ذلك الحين تسجيل الدخول بهذا الحساب. لا تعطه إلا للشخص الصحيح، وتأكد من هويته.
access-link-then = عند استخدامه لا يستطيع الهاتف المسجَّل قبول شيء، وتنتهي جلسات الحساب.
access-link-once = يعمل الرابط مرة واحدة، ولمدة 15 دقيقة. الروابط التي أُنشئت من قبل لهذا الحساب لم تعد صالحة.
access-link-disabled = الحساب معطّل. فعّله أولًا.
access-link-ready = الرابط الخاص بـ { $account } جاهز
access-link-give = أول شخص يفتحه يسجّل هاتف { $account } ويستطيع تسجيل الدخول بهذا الحساب، فلا تعطه إلا للشخص الصحيح. يُعرض هذه المرة فقط، ويعمل مرة واحدة، ولمدة 15 دقيقة.
access-link-back = العودة إلى الحساب

disable-account-title = تعطيل حساب
disable-account = تعطيل الحساب
disable-account-heading = هل تريد تعطيل الحساب { $account }؟
disable-account-sessions = لا يستطيع فعل شيء حتى يُفعَّل من جديد. يسري هذا على كل العُقد.
disable-account-links = تنتهي الروابط التي أنشأها: الدعوات، وروابط التسجيل التي لم تُستخدم بعد. وتنتهي كذلك مفاتيحه لواجهة الإدارة نهائيًا.
disable-account-members = تبقى عضوياته.
disable-account-left = تبقى حتى ذلك الحين بلا مالك يستطيع تسجيل الدخول: { $applications }.
enable-account-title = تفعيل حساب
enable-account = تفعيل الحساب
enable-account-heading = هل تريد تفعيل الحساب { $account }؟
enable-account-sign-in = يستطيع تسجيل الدخول من جديد بالهاتف المسجَّل، ويبقى عضوًا فيما كان عضوًا فيه.
enable-account-ended = الجلسات والروابط التي انتهت عند تعطيله تبقى منتهية.
demote-account-title = تنزيل مدير
demote-account = إلغاء صفة المدير
demote-account-heading = هل تريد إلغاء صفة المدير عن { $account }؟
demote-account-sees = لا يرى ابتداءً من الصفحة التالية إلا التطبيقات التي هو عضو فيها، ولا يرى أي حسابات.
demote-account-links = تنتهي الروابط التي أنشأها: الدعوات، وروابط التسجيل، والروابط التي تستبدل الهواتف. وتنتهي كذلك مفاتيحه لواجهة الإدارة نهائيًا.
log-out-account-title = تسجيل خروج حساب
log-out-account = تسجيل الخروج من كل مكان
log-out-account-heading = هل تريد تسجيل خروج { $account } من كل مكان؟
log-out-account-links = تنتهي روابطه: التي أنشأها (الدعوات، وروابط التسجيل، والروابط التي تستبدل الهواتف)، والتي لهاتف خاص به. ويُرفض الهاتف الذي ينتظر التأكيد. وتنتهي مفاتيحه لواجهة الإدارة نهائيًا.
log-out-account-again = يمكنه تسجيل الدخول من جديد بهاتفه على الفور. إن كان الهاتف في أيدٍ أخرى فعطّل الحساب أو استبدل الهاتف.
delete-account-title = حذف حساب
delete-account = حذف الحساب
delete-account-heading = هل تريد حذف الحساب { $account }؟
delete-account-phone = لا يبقى هاتفه مسجَّلًا.
delete-account-members = تنتهي عضوياته والروابط والمفاتيح التي أنشأها. ويبقى ما فعله في السجلّ.
delete-account-name = يمكن لأي شخص أن يأخذ الاسم بعد ذلك.
delete-account-left = لا يمكن حذفه بعد، لأن هذه التطبيقات ستبقى بلا مالك سجّل الدخول من قبل: { $applications }.
last-administrator = هذا آخر مدير سجّل الدخول من قبل. أنشئ مديرًا آخر أولًا بالأمر iampass-server console link --new-administrator.
last-owner-of = ستبقى تطبيقات بلا مالك سجّل الدخول من قبل. عيّن أولًا مالكًا آخر في صفحات أعضائها، أو احذفها.

invitation-title = دعوة
invitation-ready = الدعوة جاهزة
invitation-give = أعطِ هذا الرابط للشخص الواحد الذي تدعوه بالدور { $role }. أول شخص يفتحه يستطيع الانضمام. يُعرض هذه المرة فقط، ويبقى صالحًا 7 أيام.
invitation-link = رابط الدعوة
invitation-back = العودة إلى الأعضاء
invite-title = دعوة شخص برابط
invite = لمن ليس لديه حساب بعد. أول شخص يفتح الرابط ينضم، فأعطِه لشخص واحد فقط. يبقى صالحًا 7 أيام، ما دمت تستطيع منح الدور.
join-title = الانضمام إلى { $application }
join-invites = يدعوك { $maker } إلى العمل على هذا التطبيق.
join-role = دورك: { $role }.
join-failed = لم يحدث شيء.
join-as = الانضمام باسم { $account }
join-sign-in = تسجيل الدخول والانضمام
join-or = أو إنشاء حساب
join-new = إنشاء حساب والانضمام
join-once = الدعوة صالحة مرة واحدة.
access-replace-title = استبدال الهاتف
access-replace = يستبدل هذا الرابط هاتف { $account }. إذا تابعت:
access-replace-phone = لا يستطيع الهاتف المسجَّل الآن قبول شيء؛
access-replace-sessions = تنتهي كل جلسات هذا الحساب في وحدة التحكم؛
access-replace-next = تسجّل هاتفًا آخر. اجعله في متناول يدك.
access-create-title = إنشاء المدير
access-create-named = ينشئ هذا الرابط الحساب { $account } الذي يرى كل تطبيقات الخدمة. في الصفحة التالية تسجّل الهاتف الذي يقبل عمليات تسجيل دخوله.
access-create = ينشئ هذا الرابط حسابًا يرى كل تطبيقات الخدمة. في الصفحة التالية تسجّل الهاتف الذي يقبل عمليات تسجيل دخوله.
access-good-once = الرابط صالح مرة واحدة، ولمدة 15 دقيقة بعد إنشائه.

members-none-title = لا أحد ينتمي إلى هذا التطبيق
members-none = أُنشئ بأمر. أضِف نفسك أو شخصًا آخر مالكًا له، فيمكن إدارته هنا.
members-since = منذ
members-change-role = تغيير الدور
members-remove = إزالة
members-add = إضافة عضو
members-invitations = الدعوات المفتوحة
members-made-by = أنشأها
members-take-back = سحب
members-added = أُضيف العضو.
members-role-changed = تغيّر الدور.
members-removed = أُزيل العضو.
members-taken-back = لم تعد الدعوة صالحة.
members-last-owner = يحتاج التطبيق إلى مالك سجّل الدخول من قبل. اجعل شخصًا آخر مالكًا أولًا.
remove-member-title = إزالة عضو
remove-member-heading = هل تريد إزالة { $member } من { $application }؟
remove-member-sees = لا يرى هذا العضو هذا التطبيق في وحدة التحكم ابتداءً من الصفحة التالية.
remove-member-links = تنتهي الروابط التي أنشأها هذا العضو: الدعوات، وروابط التسجيل التي لم تُستخدم بعد.
remove-member-secret = يبقى سرّ التطبيق كما هو. إذا كان هذا الشخص يعرفه، فأنشئ سرًّا جديدًا.
leave = مغادرة
leave-heading = هل تريد مغادرة { $application }؟
leave-sees = لن ترى هذا التطبيق في وحدة التحكم. يمكن لمالك أن يضيفك من جديد.
leave-links = تنتهي الروابط التي أنشأتها: الدعوات، وروابط التسجيل التي لم تُستخدم بعد.
leave-rest = يستمر التطبيق نفسه ومستخدموه وجلساتهم كما هم.
role-change = تغيير الدور
role-change-heading = هل تريد تغيير دور { $member }؟
role-change-from = يسري الدور ابتداءً من الصفحة التالية.
role-change-links = مع دور أقل تنتهي الروابط التي أنشأها هذا العضو: الدعوات، وروابط التسجيل التي لم تُستخدم بعد.
new-member = شخص لديه حساب. ولمن ليس لديه حساب أنشئ رابط دعوة:
new-member-name = اسم المستخدم لحساب
new-member-is = هذا الحساب عضو بالفعل.
new-member-nobody = لا أحد يحمل هذا الاسم. أرسل رابط دعوة بدلًا من ذلك: فهو ينشئ حسابًا أيضًا.

messages-no-senders = ليس لهذه الخدمة خادم بريد ولا بوابة رسائل قصيرة: يُعدّهما مشغّلها. وحتى ذلك الحين لا تُرسل أي رسالة.
messages-no-url = لا تعرف هذه الخدمة عنوانها الذي تحتاج إليه الروابط: يضبط مشغّلها public_url. وحتى ذلك الحين لا تُرسل أي رسالة.
messages-are-sent = تُرسل رسائل هذا التطبيق.
messages-not-allowed-title = غير مسموح
messages-not-allowed = لا تُرسل رسائل هذا التطبيق حتى يسمح بها مدير لهذه الخدمة.
messages-ask = اطلب ذلك من أحدهم. يمكنك إرسال روابط التسجيل بنفسك.
messages-allow = السماح بالرسائل
messages-forbid = منع الرسائل
messages-no-older = لا توجد رسائل أقدم.
messages-none-title = لا رسائل بعد
messages-none = عندما يطلب تطبيقك إرسال رابط تسجيل برسالة قصيرة أو بالبريد الإلكتروني، يظهر هنا مع ما حدث له. الأرقام والعناوين محجوبة جزئيًا.
messages-when = متى
messages-to = إلى
messages-reason = السبب
messages-next = المحاولة التالية
messages-id = معرّف الرسالة
messages-by-sms = رسالة قصيرة إلى { $address }
messages-by-email = بريد إلكتروني إلى { $address }
messages-user-deleted = محذوف
messages-allowed = تُرسل رسائل هذا التطبيق من الآن فصاعدًا.
messages-forbidden = لن تُرسل رسائل هذا التطبيق بعد الآن.
message-being-sent = قيد الإرسال
message-again = لم تُقبل بعد، وتُعاد المحاولة
message-waits = تنتظر الإرسال
message-sent = أُرسلت
message-refused = رُفضت نهائيًا
message-given-up = تُركت: لم تُقبل في الوقت المناسب
message-withdrawn = سُحبت: استُخدم الرابط أو استُبدل أو أُنهي، أو مُنعت الرسائل
messages-allow-heading = هل تريد السماح برسائل { $application }؟
messages-allow-ways = تخرج روابط تسجيله عبر خادم البريد وبوابة الرسائل القصيرة لهذه الخدمة، باسمك.
messages-allow-members = يختار أعضاؤه المستلمين والكلمات. تُرفض الروابط الأخرى غير رابط التسجيل، وعدد الرسائل محدود.
messages-forbid-heading = هل تريد منع رسائل { $application }؟
messages-forbid-withdrawn = تُسحب الرسائل المنتظرة، وتُرفض الجديدة (MESSAGES_NOT_ALLOWED).
messages-forbid-links = لا يزال يستطيع إنشاء روابط التسجيل وإرسالها بنفسه.
notice-unreachable = تعذّر الاتصال أو انقطع: تحقق من العنوان والشبكة
notice-timeout = لم يصل جواب في الوقت المناسب
notice-busy = يطلب الطرف الآخر المحاولة لاحقًا
notice-broken = يبلغ الطرف الآخر عن عطل لديه
notice-unauthorized = لا يقبل الطرف الآخر بيانات الاعتماد: تحقق من السرّ أو كلمة المرور
notice-redirected = يحوّل الطرف الآخر إلى عنوان آخر، وهذا لا يُتبع: اضبط عنوانه النهائي
notice-no-encryption = لا يوفّر خادم البريد STARTTLS، ولا يُرسل شيء بلا تشفير: فعّله هناك، أو استخدم smtps://
notice-encryption-wanted = يطلب خادم البريد STARTTLS، ولا يُستخدم مع هذا الجهاز إلا مع mail.ca_file: اضبطه
notice-untrusted = لم يُتفق على تشفير: تحقق من المخطط والمنفذ في mail.smtp_url، والاسم في شهادة الخادم، وmail.ca_file
notice-greeting-refused = يرفض خادم البريد هذه الخدمة أو الاسم الذي تعرّف به نفسها: اضبط mail.hello_name، أو اسمح به هناك
notice-no-login = لا يوفّر خادم البريد تسجيل دخول (PLAIN أو LOGIN) على هذا الاتصال: تحقق من المنفذ، أو احذف كلمة المرور
notice-sender-refused = يرفض خادم البريد عنوان المرسل: تحقق من mail.from
notice-not-understood = الجواب ليس جواب خادم بريد: تحقق من المضيف والمنفذ
notice-refused = يرفض الطرف الآخر هذه الرسالة
notice-address-not-supported = لا يقبل خادم البريد عنوانًا فيه أحرف خارج ASCII
notice-not-sendable = لا يمكن تكوين رسالة من هذا

pushes-off = لا ترسل هذه الخدمة إشعارات إلى أي هاتف: يضبط مشغّلها public_url مع https، أو بيانات اعتماد للتطبيقات. تسأل الهواتف من تلقاء نفسها ما دامت صفحتها أو تطبيقها مفتوحًا.
pushes-user = المستخدم
pushes-service = أُرسل إلى
pushes-kind = السبب
pushes-state = النتيجة
pushes-any = الكل
pushes-none-looked = لم يُعثر على شيء بين الإشعارات التي فُحصت. توجد إشعارات أقدم.
pushes-no-older = لا توجد إشعارات أقدم.
pushes-none-like = لا يوجد إشعار مطابق.
pushes-none = لا إشعارات بعد. عندما ينتظر سؤال هاتفًا مشتركًا، يظهر هنا الإشعار الذي يوقظه مع ما حدث له. لا يذكر الإشعار شخصًا ولا تطبيقًا.
pushes-push = الإشعار
push-to-web = متصفح (Web Push)
push-to-fcm = تطبيق Android (FCM)
push-to-apns = تطبيق iOS (APNs)
push-to-webhook = بوابة
push-question = سؤال ينتظر
push-session = تغيّرت جلسة
push-test = تجربة
push-waits = ينتظر الإرسال
push-sent = قبلته خدمة الإشعارات
push-refused = رُفض نهائيًا
push-gone = لم يعد الهاتف مشتركًا: يشترك من جديد عندما تُفتح صفحته
push-late = لم يُقبل في الوقت المناسب
push-withdrawn = سُحب: لم تعد له فائدة
push-error-unreachable = تعذّر الاتصال بخدمة الإشعارات أو انقطع: تحقق من الشبكة وجدار الحماية
push-error-timeout = لم تُجب خدمة الإشعارات في الوقت المناسب
push-error-busy = تطلب خدمة الإشعارات المحاولة لاحقًا
push-error-broken = تبلغ خدمة الإشعارات عن عطل لديها
push-error-token-expired = انتهت مدة رمز خدمة الإشعارات، ويُجدَّد الآن: تحقق من ساعة هذا الجهاز إذا تكرر ذلك
push-error-unauthorized = لا تقبل خدمة الإشعارات بيانات الاعتماد: تحقق من المفتاح في الإعدادات ومن ساعة هذا الجهاز
push-error-gone = ترك الهاتف هذا الاشتراك: يشترك من جديد عندما تُفتح صفحته
push-error-too-large = ترى خدمة الإشعارات أن الرسالة كبيرة جدًا
push-error-redirected = تحوّل خدمة الإشعارات إلى عنوان آخر، وهذا لا يُتبع
push-error-address-not-allowed = يقود اسم خدمة الإشعارات إلى عنوان في شبكة خاصة، ولا يُرسل إليه شيء
push-error-refused = ترفض خدمة الإشعارات هذه الرسالة
push-error-no-way = ليس لهذه العقدة طريق إلى خدمة الإشعارات هذه: اضبط بيانات اعتمادها في الإعدادات تحت push
push-error-not-sendable = لا يمكن تكوين رسالة من هذا: على الهاتف أن يشترك من جديد

log-search-user = المستخدم، أو ما جرى عليه الفعل
log-search-actor = الشخص الذي فعله
log-search-action = ما حدث، بكلمته في الملفات: { $word }
log-search-from = من هذا اليوم، بتوقيت UTC
log-search-to = حتى هذا اليوم، بتوقيت UTC
log-none-looked = لم يُعثر على شيء بين القيود التي فُحصت. توجد قيود أقدم.
log-no-older = لا توجد قيود أقدم.
log-none-like = لا يوجد قيد مطابق.
log-none = لم يحدث شيء هنا بعد. يُدوَّن ما يفعله الأعضاء بهذا التطبيق، ولا يستطيع أحد تغييره أو حذفه.
log-who = من
log-what = ماذا
log-subject = على من أو على أي شيء
log-files = كملف، أحدث 10,000 مما يُبحث عنه:
did-application-created = أُضيف التطبيق
did-application-imported = استُورد التطبيق
did-application-exported = صُدّر التطبيق
did-application-renamed = تغيّر الاسم
did-application-configured = تغيّرت إعدادات تسجيل الدخول
did-application-approval = تغيّر ما يتطلبه القبول
did-application-phones = تغيّرت الهواتف التي يمكنها الرد
did-application-walkaway = تغيّر ما يحدث عندما يبتعد الهاتف
did-application-messages-allowed = سُمح بالرسائل
did-application-messages-forbidden = مُنعت الرسائل
did-application-disabled = عُطّل التطبيق
did-application-enabled = فُعّل التطبيق
did-application-deleted = حُذف التطبيق
did-secret-rotated = أُنشئ سرّ جديد
did-secret-overlap-ended = أُنهي السرّ السابق
did-users-added = أُضيف مستخدمون
did-user-deleted = حُذف مستخدم
did-user-logged-out = سُجّل خروج مستخدم من كل مكان
did-session-ended = أُنهيت جلسة
did-link-made-for-phone = أُنشئ رابط تسجيل
did-link-made-to-add = أُنشئ رابط يضيف هاتفًا
did-phone-registered = سُجّل هاتف
did-phone-replaced = استُبدل هاتف بآخر
did-phone-lost = عُطّل هاتف مفقود
did-phone-removed = أُزيل هاتف
did-phone-unlock-registered = سجّل هاتف مفتاح المرور لفتح قفله
did-phone-waits = أُضيف هاتف وينتظر التأكيد
did-phone-confirmed = أكّد هاتف هاتفًا مضافًا
did-phone-recovered = أكّد رمز استرداد هاتفًا مضافًا
did-phone-denied = لم يُقبل هاتف مضاف
did-phone-codes-made = أنشأ هاتف رموز استرداد جديدة
did-phone-link-made = أنشأ هاتف رابطًا لهاتف إضافي
did-phone-code-used = استُخدم رمز استرداد لرابط لهاتف إضافي
did-login-reported = أبلغ مستخدم عن تسجيل دخول بدأه شخص آخر
did-login-paused = رفض مستخدم عدة عمليات تسجيل دخول متتالية ولن يُسأل لبعض الوقت
did-push-tested = جُرّب وصول الإشعارات إلى الهواتف
did-endpoint-set = حُدّدت وجهة الأحداث
did-endpoint-secret-rotated = أُنشئ سرّ جديد للوجهة
did-endpoint-switched-on = فُعّلت الوجهة
did-endpoint-switched-off = أُوقفت الوجهة
did-endpoint-removed = حُذفت الوجهة
did-endpoint-tested = أُرسل حدث تجريبي
did-endpoint-gone = أجابت الوجهة أنها لا تريد أحداثًا أخرى
did-events-sent-again = أُرسلت أحداث مجددًا
did-member-added = أُضيف عضو
did-member-joined = انضم بدعوة
did-member-role-changed = تغيّر دور
did-member-removed = أُزيل عضو
did-member-left = غادر التطبيق
did-invitation-made = أُنشئت دعوة
did-invitation-taken-back = سُحبت دعوة
did-link-made = أُنشئ رابط لهاتف
did-link-used = استُخدم رابط لهاتف
did-log-exported = صُدّر السجلّ
did-history-exported = صُدّر سجلّ تسجيلات الدخول
did-master-key-changed = تغيّر المفتاح الرئيسي
did-account-signed-in = سجّل الدخول
did-account-login-reported = أبلغ عن تسجيل دخول بدأه شخص آخر
did-account-login-paused = رفض عدة عمليات تسجيل دخول متتالية ولن يُسأل لبعض الوقت
did-account-created = أُنشئ الحساب
did-account-administrator-created = أُنشئ مدير
did-account-disabled = عُطّل الحساب
did-account-enabled = فُعّل الحساب
did-account-demoted = لم يعد مديرًا
did-account-logged-out = سُجّل خروجه من كل مكان
did-account-deleted = حُذف الحساب
did-account-links-ended = سجّل الخروج من كل مكان، فانتهت روابط مفتوحة
did-account-link-ended = أُنهي رابط مفتوح
did-account-phone-link-made = أُنشئ رابط لهاتف آخر
did-account-phone-registered = سُجّل هاتف
did-account-phone-replaced = استُبدل الهاتف
did-account-phone-removed = أُزيل الهاتف
did-account-phone-unlock-registered = سُجّل مفتاح المرور لفتح قفل الهاتف
did-account-phone-waits = أُضيف هاتف ينتظر التأكيد
did-account-phone-confirmed = أُكّد هاتف مضاف
did-account-phone-recovered = أُكّد هاتف مضاف برمز استرداد
did-account-phone-denied = لم يُقبل هاتف مضاف
did-account-phone-codes-made = أُنشئت رموز استرداد جديدة
did-account-phone-code-used = استُخدم رمز استرداد لرابط لهاتف آخر

settings-name = الاسم
settings-name-shown = تعرضه الهواتف مع كل طلب.
settings-rename = تغيير الاسم
settings-rename-why = تعرض الهواتف الاسم مع كل طلب: به يعرف المستخدمون من يسأل.
settings-logins = عمليات تسجيل الدخول
settings-methods = كيف يقبل المستخدم
settings-approval = القبول
settings-phones = الهواتف التي يمكنها الرد
settings-walkaway = عندما يبتعد الهاتف
settings-duration = مدة الجلسة
settings-methods-any = كما يحدد كل تسجيل دخول
settings-approval-tap = تكفي نقرة حيث لا يستطيع العميل عرض رمز: دون المعايير الحالية
settings-approval-code = بالرمز الذي تعرضه صفحة تسجيل الدخول
settings-phones-any = أي هاتف للمستخدم
settings-phones-key = الهواتف التي لها مفتاح خاص بها
settings-phones-unlock = الهواتف التي لها مفتاح خاص بها ويُفتح قفلها لكل تسجيل دخول
settings-walkaway-on = تُقفل الجلسة عندما لا يقول هاتفها في الوقت المناسب إنه قريب
settings-walkaway-off = لا يحدث شيء تلقائيًا
settings-duration-unless = { $duration }، ما لم يحدد تسجيل الدخول غير ذلك
settings-secret = السرّ
settings-secret-two = السرّ السابق للتغيير الأخير صالح أيضًا. ينتهي { $until }.
settings-secret-one = سرّ واحد صالح. لا يمكن لأحد الاطلاع عليه، ولا هنا أيضًا: إذا فُقد، أو قد يعرفه أحد، فأنشئ سرًّا جديدًا.
settings-secret-new = سرّ جديد
settings-secret-end = إنهاء السابق الآن
settings-switch = الإيقاف
settings-is-disabled = معطّل: لا يُجاب عن أي طلب، ولا يمكن لأحد تسجيل الدخول. ويُحفظ كل شيء.
settings-disabling = ينهي التعطيل كل الجلسات ولا يُجاب عن أي طلب حتى يُفعَّل التطبيق من جديد. لا يمكن التراجع عن الحذف.
settings-renamed = تغيّر الاسم.
settings-configured = تسري الإعدادات ابتداءً من تسجيل الدخول التالي.
settings-overlap-ended = لم يعد السرّ السابق صالحًا.
settings-were-disabled = عُطّل التطبيق وانتهت جلساته.
settings-were-enabled = فُعّل التطبيق من جديد.
logins-any = كما يحدد كل تسجيل دخول.
logins-any-why = يسمّي تسجيل الدخول طرقه. والذي لا يسمّي شيئًا يطلب القبول.
logins-these = بهذه فقط.
logins-these-why = يمكن لتسجيل الدخول أن يطلب بعضها. والذي لا يسمّي شيئًا، أو يرسل قائمة فارغة كما تفعل العملاء القديمة، يطلبها كلها.
method-acceptance = يقبل المستخدم على الهاتف.
method-device = يفتح المستخدم قفل الهاتف.
method-facial = يتعرف الهاتف على وجه المستخدم.
method-simulated = تحاكيها هذه الخدمة لأغراض التطوير: لا تثبت شيئًا.
method-not-available = لا تستطيع هذه الخدمة التحقق منها: تُرفض عمليات تسجيل الدخول التي تطلبها (METHOD_NOT_AVAILABLE).
logins-approval = كيف يرتبط القبول بالمتصفح
logins-code = برمز.
logins-code-why = تعرض صفحة تسجيل الدخول رمز QR وستة أرقام، وعلى الهاتف أن يأتي بأحدهما. العميل الذي لا يستطيع عرض شيء لا يبدأ تسجيل دخول (CODE_NOT_SHOWN).
logins-tap = تكفي نقرة للعملاء الذين لا يستطيعون عرض شيء.
logins-tap-why = هذا دون المعايير الحالية (NIST SP 800-63B-4 §3.1.3): لا شيء يخبر المستخدم أي متصفح يسأل. وصفحات تسجيل الدخول التي تعرض رمزًا تظل تطلبه.
logins-phones-any = أي هاتف للمستخدم.
logins-phones-any-why = حتى هاتف يشارك الخدمةَ سرًّا: عندئذ تستطيع قاعدة البيانات مع المفتاح الرئيسي الرد بدلًا منه.
logins-phones-key = الهواتف التي لها مفتاح خاص بها فقط.
logins-phones-key-why = لا يُسجَّل بعد ذلك هاتف بلا مفتاح، ولا يُؤخذ بما يقبله. يسجّله مستخدمه من جديد برابط جديد. ويظل بإمكانه الرفض.
logins-phones-unlock = الهواتف التي لها مفتاح خاص بها ويُفتح قفلها لكل تسجيل دخول فقط.
logins-phones-unlock-why = يطلب كل تسجيل دخول الطريقة device أيضًا: يفتح الشخص قفل الهاتف بمفتاح المرور الخاص به، الذي ينشئه الهاتف عند أول تسجيل دخول كهذا.
logins-stay = لا يحدث شيء تلقائيًا.
logins-stay-why = تُقفل الجلسة عندما ينقر مستخدمها الزر المخصص لذلك على الهاتف، لا غير ذلك.
logins-near = تُقفل الجلسة حتى يعود الهاتف.
logins-near-why = يمكن للهاتف أن يقول إنه قريب، وأن يعد بالبقاء كذلك مدة، { $longest } على الأكثر. وإذا لم يقل ذلك من جديد في الوقت المناسب تُقفل الجلسة، ويفتحها القول التالي. والجلسات التي لم يقل هاتفها شيئًا تبقى كما هي. لا تقول صفحة الهاتف ذلك إلا وهي مفتوحة، فهي تناسب هاتفًا موضوعًا على المكتب؛ أما البرنامج أو التطبيق فيقوله طوال الوقت.
logins-unit = الوحدة
logins-duration-hint = لعمليات تسجيل الدخول التي لا تحدد المدة. فارغ: { $default }. على الأكثر: { $longest }.
logins-choose-methods = اختر طريقة واحدة على الأقل، أو دع كل تسجيل دخول يحدد.
logins-cannot-verify = لا تستطيع هذه الخدمة التحقق منها كلها، فلن يتمكن أحد من تسجيل الدخول: استبعد ما يُذكر عنده ذلك.
logins-phones-cannot-verify = لا تستطيع هذه الخدمة التحقق من أن قفل هاتف قد فُتح، فلن يتمكن أحد من تسجيل الدخول: على مشغّلها أن يحدد أولًا عنوان URL عامًا مع https.
logins-whole-number = أدخل عددًا صحيحًا، 1 أو أكثر.
logins-too-long = أقصى مدة للجلسة في هذه الخدمة: { $longest }.
unit-minutes = دقائق
unit-hours = ساعات
unit-days = أيام

rotate-heading = هل تريد إنشاء سرّ جديد؟
rotate-good = السرّ الجديد صالح فورًا، ويُعرض مرة واحدة.
rotate-overlap = يبقى السرّ الحالي صالحًا للمدة التي تختارها. بعد ذلك يُرفض ما لا يزال يوقّع به.
rotate-before = السرّ الذي قبله، والذي كان سيبقى صالحًا حتى { $until }، ينتهي فورًا.
rotate-sessions = تستمر الجلسات.
rotate-how-long = كم يبقى السرّ الحالي صالحًا
rotate-none = لا يبقى: قد يعرفه أحد
rotate-make = إنشاء سرّ جديد
rotate-say = حدّد كم يبقى السرّ الحالي صالحًا.
end-secret-title = إنهاء السرّ السابق
end-secret-heading = هل تريد إنهاء السرّ السابق الآن؟
end-secret-refused = يُرفض فورًا ما لا يزال يوقّع بالسرّ السابق للتغيير الأخير.
end-secret-sessions = تستمر الجلسات. ويبقى السرّ الحالي صالحًا.
end-secret = إنهاؤه الآن

disable-heading = هل تريد تعطيل { $application }؟
disable-requests = لا يُجاب عن أي من طلباته، ولا يمكن لأحد تسجيل الدخول إليه، حتى يُفعَّل من جديد.
disable-kept = يُحفظ المستخدمون والهواتف والإعدادات.
enable-heading = هل تريد تفعيل { $application }؟
enable-requests = يُجاب عن طلباته من جديد، ويستطيع مستخدموه تسجيل الدخول، بالسرّ الذي لديه.
enable-ended = الجلسات التي انتهت عند تعطيله تبقى منتهية.
delete-heading = هل تريد حذف { $application } إلى الأبد؟
delete-users = { $count ->
    [zero] لا يزول معه أي مستخدم.
    [one] يزول معه مستخدم واحد.
    [two] يزول معه مستخدمان.
    [few] يزول معه { $count } مستخدمين.
    [many] يزول معه { $count } مستخدمًا.
   *[other] يزول معه { $count } مستخدم.
}
delete-phones = { $count ->
    [zero] لا يزول معه أي هاتف مسجَّل.
    [one] يزول معه هاتف مسجَّل واحد.
    [two] يزول معه هاتفان مسجَّلان.
    [few] يزول معه { $count } هواتف مسجَّلة.
    [many] يزول معه { $count } هاتفًا مسجَّلًا.
   *[other] يزول معه { $count } هاتف مسجَّل.
}
delete-for-good = لا يعود معرّفه وسرّه صالحين لشيء. لا يمكن التراجع عن هذا؛ أما التعطيل فيمكن.
delete-for-ever = حذف إلى الأبد

log-out-heading = هل تريد تسجيل خروج { $user } من كل مكان؟
log-out-everywhere = يسري هذا على كل المتصفحات والبرامج.
log-out-withdrawn = يُسحب ما يُسأل عنه الهاتف الآن.
log-out-phone = يبقى الهاتف مسجَّلًا: يستطيع المستخدم تسجيل الدخول من جديد.
delete-user-title = حذف مستخدم
delete-user = حذف المستخدم
delete-user-heading = هل تريد حذف المستخدم { $user }؟
delete-user-record = لا يستطيع المستخدم تسجيل الدخول بعد ذلك. ويبقى ما يحفظه تطبيقك عن الشخص كما هو.
delete-user-no-phone = لا يوجد هاتف يُفقد بذلك.
delete-user-phone = لا يبقى الهاتف مسجَّلًا لهذا المستخدم.
delete-user-phones = لا تبقى الهواتف مسجَّلة لهذا المستخدم.

registration-title = رابط التسجيل
registration-heading = هل تريد إنشاء رابط تسجيل للمستخدم { $user }؟
registration-first = أول شخص يفتح الرابط يسجّل الهاتف الذي يقبل عمليات تسجيل دخول هذا المستخدم. يُعرض مرة واحدة، ويعمل مرة واحدة.
registration-replaces = يبقى الهاتف المسجَّل حتى يُستخدم الرابط. بعد ذلك لا يستطيع قبول شيء، وتنتهي جلساته. وكذلك كل الهواتف الأخرى لهذا المستخدم.
registration-adds = تبقى الهواتف المسجَّلة. يؤكد أحدها الهاتف الجديد بالرمز الذي يعرضه الجديد؛ أو يكتب المستخدم رمز استرداد على الجديد.
registration-no-phone = لا هاتف مسجَّل، فلا يستطيع هذا المستخدم تسجيل الدخول حتى يُستخدم الرابط.
registration-earlier = لم يعد الرابط الذي أُنشئ من قبل صالحًا. وينتهي هذا أيضًا بانتهاء عضويتك.
registration-give = أول شخص يفتح هذا الرابط يسجّل هاتف { $user }، فلا تعطه إلا لذلك الشخص.
registration-once = يُعرض هذه المرة فقط، ويعمل مرة واحدة، وينتهي { $until }.
registration-stay = تبقى الهواتف المسجَّلة. يعرض الهاتف الجديد رمزًا يكتبه المستخدم على أحدها، أو يأخذ رمز استرداد.
registration-is-there = هناك هاتف مسجَّل بالفعل. عندما يُستخدم هذا الرابط يحل الهاتف الجديد محله وتنتهي جلساته.
registration-back = العودة إلى المستخدم
lost-heading = هل فُقد هاتف { $user }؟
lost-all = لا يستطيع الهاتف المسجَّل قبول شيء، ولا أي هاتف آخر لهذا المستخدم. وتنتهي رموز الاسترداد أيضًا.
lost-link = تحصل على رابط يسجّل هاتفًا آخر. ولم يعد الرابط الذي أُنشئ من قبل صالحًا.
lost-disable = تعطيل الهاتف
remove-phone-title = إزالة هاتف
remove-phone = إزالة الهاتف
remove-one-heading = هل تريد إزالة هاتف للمستخدم { $user }؟
remove-one = لا يستطيع الهاتف { $phone } تأكيد شيء، وتنتهي جلساته فورًا.
remove-one-unnamed = لا يستطيع هذا الهاتف، الذي لا اسم له، تأكيد شيء، وتنتهي جلساته فورًا.
remove-one-others = تبقى هواتف هذا المستخدم الأخرى، وتُبلَّغ بذلك.
remove-all-heading = هل تريد إزالة هاتف { $user }؟
remove-all = لا يستطيع المستخدم تسجيل الدخول حتى يُسجَّل هاتف آخر.

snippets-title = مقتطفات برمجية
snippets = جاهزة للصق: عنوان هذه الخدمة ومعرّف هذا التطبيق موجودان فيها. لا يُكتب السرّ في برنامج أبدًا. اضبطه حيث يعمل البرنامج:
snippets-axum = Rust: تطبيق ويب باستخدام axum
snippets-database = للاحتفاظ بالرموز والجلسات في قاعدة بياناتك بجانب مستخدميك، أضِف الميزة { $features } وأنشئ العميل هكذا.
snippets-variables = يأخذ المتغيرات الثلاثة من البيئة: { $variables }.
snippets-client = العميل، عبر sea-orm
snippets-python = Python: تسجيل دخول في طرفية
snippets-cannot = لا يستطيع هذا البرنامج بدء تسجيل دخول لهذا التطبيق.
snippets-cannot-why = لا يستطيع العميل المنشور عرض رمز، وهذا التطبيق يطلب رمزًا ({ $reason }). لاستخدامه اختر في الإعدادات أن نقرة تكفي، أو اجعل لهذا البرنامج تطبيقًا خاصًا به.

admin-keys = المفاتيح
admin-keys-title = مفاتيح واجهة الإدارة
admin-keys-what = البرنامج الذي يوقّع بمفتاح يستطيع فعل ما تسمّيه نطاقات المفتاح، من دون متصفح ومن دون هاتف.
admin-keys-none = لا توجد مفاتيح.
admin-key-name = المفتاح
admin-key-scopes = النطاقات
admin-key-only = { $application } فقط
admin-key-by = أنشأه
admin-key-state = الحالة
admin-key-good = صالح
admin-key-expired = منتهي الصلاحية
admin-key-revoked = ملغى
admin-key-unusable = غير قابل للاستخدام: هذا الإصدار لا يعرف أحد نطاقاته
admin-key-used = آخر استخدام
admin-key-never = أبدًا
admin-key-revoke = إلغاء المفتاح
admin-key-was-revoked = أُلغي المفتاح.
new-admin-key-title = مفتاح جديد
new-admin-key = لا يستطيع المفتاح أكثر مما تستطيع. وهو لا ينشئ مفاتيح أخرى ولا مشرفين ولا أعضاء.
new-admin-key-ends = ينتهي بانتهاء حقك في إنشائه: عندما يُعطّل حسابك، أو لا يعود مشرفًا، أو يُسجّل خروجه من كل مكان، أو يصبح له هاتف آخر.
new-admin-key-failed = لم يُنشأ أي مفتاح.
admin-key-for = الغرض منه
admin-key-application = معرّف التطبيق الوحيد
admin-key-application-hint = إذا تُرك فارغًا فالمفتاح صالح لكل ما يمكنك تغييره.
admin-key-days = صالح لهذا العدد من الأيام
admin-key-make = إنشاء المفتاح
admin-key-problem-name = اكتب الغرض منه، بما لا يزيد على 60 حرفًا مرئيًا.
admin-key-problem-scopes = اختر نطاقًا واحدًا على الأقل.
admin-key-problem-service = نطاقات الحسابات والخدمة تخص كل التطبيقات: اتركها، أو لا تسمِّ أي تطبيق.
admin-key-problem-days = هو صالح من يوم واحد إلى 366 يومًا.
admin-key-problem-application = لا يوجد تطبيق بهذا المعرّف.
admin-key-problem-many = بلغ عدد المفاتيح أقصاه. ألغِ بعضها أولًا.
made-admin-key-title = المفتاح الجديد
made-admin-key-why = لا يمكن لأحد الاطلاع عليه لاحقًا، ولا هنا أيضًا. احفظه في ملف لا يستطيع قراءته سوى برنامجك.
revoke-admin-key-title = إلغاء مفتاح
revoke-admin-key-heading = إلغاء { $key }؟
revoke-admin-key-calls = من الآن لا يُجاب أي استدعاء موقّع به.
revoke-admin-key-links = تنتهي روابط التسجيل التي أُنشئت به ولم تُستخدم بعد.
scope-applications-read = رؤية التطبيقات وإعداداتها
scope-applications-write = إضافة التطبيقات وتغييرها وتعطيلها وحذفها، ومنحها أسرارًا جديدة
scope-users-read = رؤية المستخدمين
scope-users-write = إضافة المستخدمين وحذفهم
scope-phones-write = إنشاء روابط التسجيل وإزالة الهواتف؛ ومن يملك الرابط يمكنه أن يصبح المستخدم
scope-sessions-read = رؤية الجلسات وسجل تسجيل الدخول
scope-sessions-end = إنهاء الجلسات
scope-audit-read = رؤية السجل
scope-accounts-read = رؤية الحسابات
scope-accounts-write = تعطيل الحسابات وتفعيلها وتسجيل خروجها
scope-service-read = رؤية حال الخدمة
did-admin-key-made = أُنشئ مفتاح لواجهة الإدارة
did-admin-key-revoked = أُلغي مفتاح لواجهة الإدارة
event-user-added = أُضيف مستخدم
event-user-deleted = حُذف مستخدم
event-phone-registered = سُجّل هاتف
event-phone-removed = أُزيل هاتف أو استُبدل
event-login-started = بدأ تسجيل دخول
event-login-accepted = قُبل تسجيل دخول
event-login-denied = رُفض تسجيل دخول
event-login-reported = أُبلغ عن تسجيل دخول: «لست أنا»
event-login-failed = انتهى تسجيل دخول دون نجاح
event-session-ended = انتهت جلسة
event-secret-rotated = للتطبيق سرّ جديد
event-test = تجربة
event-waits = ينتظر الإرسال
event-being-sent = قيد الإرسال
event-again = يُرسل مجددًا
event-sent = استلمته الوجهة
event-given-up = تُرك: لم يُستلم خلال ثلاثة أيام
event-withdrawn = سُحب: كانت الوجهة متوقفة
event-dropped = أُسقط: كان عدد المنتظرة كبيرًا
event-error-unreachable = تعذّر الاتصال أو انقطع
event-error-timeout = لم يأتِ رد في الوقت المناسب
event-error-busy = تطلب الوجهة المحاولة لاحقًا
event-error-broken = تبلّغ الوجهة عن عطل لديها
event-error-unauthorized = ترفض الوجهة التوقيع: تحقّق من السرّ ومن الساعتين
event-error-gone = لا تريد الوجهة أحداثًا أخرى (410)
event-error-too-large = ترى الوجهة الحدث كبيرًا جدًا
event-error-redirected = تعيد الوجهة التوجيه ولا يُتبع ذلك: أدخل عنوانها النهائي
event-error-address-not-allowed = يؤدي العنوان إلى شبكة خاصة لا يُرسل إليها شيء
event-error-refused = ترفض الوجهة الحدث
event-error-not-sendable = لا تستطيع هذه الخدمة إرساله: يبيّن سجلّها السبب
endpoint-title = الوجهة
endpoint-url = العنوان (URL)
endpoint-url-hint = يبدأ بـ https:// ويؤدي إلى الإنترنت العام. تُرسل الأحداث إليه بصيغة JSON.
endpoint-gone = أوقفته الوجهة
endpoint-restored = أوقفتها نسخة احتياطية مستعادة
endpoint-off = متوقف
endpoint-on = مفعّل
endpoint-waiting = أحداث تنتظر
endpoint-kinds = أيّ الأحداث
endpoint-gone-why = أجابت الوجهة بالرمز 410: لا تريد أحداثًا أخرى. تحقّق من البرنامج المستقبِل ثم فعّل الوجهة من جديد.
endpoint-restored-why = استُعيدت نسخة احتياطية. ربما أُزيلت الوجهة أو غُيّرت منذ تلك النسخة. تحقّق من عنوانها ثم فعّلها من جديد.
endpoint-two-secrets = تُوقَّع الأحداث أيضًا بالسرّ السابق حتى { $until }.
endpoint-test = إرسال حدث تجريبي
endpoint-rotate = سرّ جديد
endpoint-none-title = لا وجهة
endpoint-none = تستطيع هذه الخدمة إخبار تطبيقك بنفسها حين يسجّل مستخدم هاتفًا أو يرفض تسجيل دخول أو يبلّغ عنه أو تنتهي جلسة. كل حدث طلب موقّع إلى عنوان لك.
endpoint-set = تعيين وجهة
endpoint-why = تذكر الأحداث أيّ مستخدم في تطبيقك فعل ماذا، بالمعرّف الذي أعطاه تطبيقك، ولا شيء لا يعرفه. قد يصل الحدث أكثر من مرة، وقد يسبق حدث آخر.
endpoint-save = حفظ الوجهة
endpoint-url-none = أدخل العنوان.
endpoint-url-long = العنوان طويل جدًا.
endpoint-url-not-allowed = أدخل عنوانًا كاملًا يبدأ بـ https:// ويؤدي إلى الإنترنت العام، دون اسم مستخدم أو كلمة سر أو #.
endpoint-kinds-none = اختر نوعًا واحدًا من الأحداث على الأقل.
endpoint-secret = سرّ الوجهة
endpoint-secret-title = سرّ الوجهة
endpoint-secret-once = يُعرض هذه المرة فقط: احفظه حيث يجده البرنامج المستقبِل.
endpoint-made = عُيّنت الوجهة
endpoint-made-why = تُوقَّع الأحداث بهذا السرّ. يتحقّق البرنامج المستقبِل من كل حدث به قبل أن يصدّق شيئًا.
endpoint-rotated = للوجهة سرّ جديد
endpoint-rotated-why = تُوقَّع الأحداث بالسرّين معًا لمدة { $overlap }. ضع الجديد في البرنامج المستقبِل خلال هذه المدة.
endpoint-rotate-heading = هل تريد إنشاء سرّ جديد للوجهة؟
endpoint-rotate-both = تُوقَّع الأحداث يومًا بالسرّ الجديد والحالي معًا، ثم بالجديد وحده. أما الأقدم منهما فينتهي فورًا.
endpoint-rotate-set = بعد ذلك اليوم يرفض البرنامج المستقبِل الأحداث إلى أن يحصل على السرّ الجديد.
endpoint-on-heading = هل تريد تفعيل الوجهة؟
endpoint-on-from-now = تُكتب الأحداث وتُرسل من الآن.
endpoint-on-again = يمكن إرسال الأحداث المسحوبة مجددًا من القائمة.
endpoint-off-heading = هل تريد إيقاف الوجهة؟
endpoint-off-none = لا تُكتب أحداث إلى أن تُفعّل من جديد: ما يحدث في أثناء ذلك لا يُبلَّغ أبدًا.
endpoint-off-waiting = تُسحب الأحداث المنتظرة.
endpoint-remove-heading = هل تريد حذف الوجهة؟
endpoint-remove-secret = يزول سرّها نهائيًا. تحصل وجهة أخرى على سرّ خاص بها.
endpoint-was-set = حُفظت الوجهة.
endpoint-was-switched-on = فُعّلت الوجهة.
endpoint-was-switched-off = أُوقفت الوجهة.
endpoint-was-removed = حُذفت الوجهة.
endpoint-test-queued = حدث تجريبي في الطريق.
events-sent-again = تُرسل الأحداث مجددًا.
events-none-again = لم يكن هناك ما يُرسل مجددًا.
events-text = معرّف الحدث أو المستخدم
events-kind = الحدث
events-id = معرّف الحدث
events-none = لا أحداث بعد.
events-none-like = لا يوجد حدث مطابق.
events-no-older = لا توجد أحداث أقدم.
events-again-since = الأحداث التي لم تُستلم خلال آخر
events-again-all = إرسال الكل مجددًا
events-again-one = إرسال مجددًا
endpoint-fails = { $count ->
    [zero] دون فشل
    [one] فشل واحد
    [two] فشلان متتاليان
    [few] { $count } مرات فشل متتالية
    [many] { $count } مرة فشل متتالية
   *[other] { $count } مرة فشل متتالية
}

service-alerts = التنبيهات
service-alerts-none = لا تنبيهات.
service-alerts-off = لا يُبلَّغ المشغّلون بشيء: يحدّد alerts.webhook_url أو alerts.mail_to طريقًا.
service-alert = التنبيه
service-alert-about = يخصّ
service-alert-figure = الرقم
service-alert-since = منذ
service-alert-over = انتهى
service-alert-lasts = مستمر
alert-denials = رفض متتالٍ
alert-reports = بلاغات: «لست أنا»
alert-account-denials = رفض متتالٍ من حساب في وحدة التحكم
alert-account-reports = بلاغات من حساب في وحدة التحكم: «لست أنا»
alert-server-errors = أخطاء بين الردود، بالمئة
alert-messages = رسائل لم تُسلَّم
alert-pushes = إشعارات لم تُسلَّم
alert-endpoint = وجهة لا تريد أحداثًا أخرى
alert-database = تعذّر الوصول إلى قاعدة البيانات، بالثواني
alert-disk = القرص شبه ممتلئ، بالمئة
alert-certificate = تنتهي الشهادة قريبًا، بالأيام
