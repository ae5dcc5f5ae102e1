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
tab-snippets = مقتطفات برمجية
tab-settings = الإعدادات
tab-members = الأعضاء
tab-messages = الرسائل
tab-pushes = الإشعارات
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
error-may-not-decide-messages = لا يمكنك البتّ في رسائل هذا التطبيق: ذلك للمديرين. اسأل مالك التطبيق.
error-may-not-leave = لا يمكنك مغادرة هذا التطبيق: لست عضوًا فيه. اسأل مالك التطبيق.
error-unchanged-title = لم يتغيّر شيء
error-right-ended = انتهت جلستك أو انتهى حقك في ذلك قبل أن يتم. سجّل الدخول مرة أخرى، أو اسأل مالك التطبيق.
error-cross-site = لم ترسل هذا النموذج صفحةٌ من وحدة التحكم، لذلك رُفض. إذا كنت تريده فافعله في صفحته.
error-not-for-scripts = تعرض هذه الصفحة شيئًا سريًّا، لذلك تُعرض لإنسان ولا تُعرض لبرنامج نصي. استخدم الزر في صفحة وحدة التحكم.
error-too-long-title = أطول من اللازم
error-too-long = ما أُرسل أطول مما يمكن أن يكون هنا.
error-not-understood-title = غير مفهوم
error-not-understood = ما أُرسل ليس من نماذج وحدة التحكم. أعد تحميل الصفحة.
error-void-link-title = هذا الرابط غير صالح
error-void-link = سبق استخدامه، أو انتهت مدته، أو لم يُنسخ كاملًا. اطلب رابطًا جديدًا ممن أعطاك هذا.
error-invited-title = بدعوة
error-invited = تُنشأ الحسابات هنا بدعوة. اطلب رابطًا من مالك تطبيق أو من مشغّل الخدمة.
error-too-many-title = كثير في وقت واحد
error-too-many = أُنشئت من عنوانك حسابات كثيرة في وقت قصير. لم يحدث شيء؛ حاول مرة أخرى بعد بضع دقائق.
error-phone-too-new-title = ليس بعد
error-phone-too-new = قُبل أحد هواتفك برمز استرداد قبل أقل من يوم. لا يستبدل أي رابط الهواتف الأخرى حتى يمضي يوم، لكي تتمكن من إزالة ذلك الهاتف إن لم يكن لك. يمكن لمدير أن ينشئ لك رابطًا.
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
credentials-lines = أسطر لصدفة الأوامر أو لملف .env
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
users-too-many = أضِف { $most } مستخدمًا على الأكثر في المرة الواحدة.
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
user-recovered-until = أضافه رمز استرداد. لا يغيّر شيئًا في الهواتف الأخرى حتى ذلك الحين:
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
