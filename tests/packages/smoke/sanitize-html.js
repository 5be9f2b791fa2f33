// sanitize-html
import sanitize from "sanitize-html";
export default async ({ equal }) => { equal(sanitize('<p onclick="x()">a<script>alert(1)</script><a href="javascript:x">b</a><b>c</b></p>'), "<p>a<a>b</a><b>c</b></p>"); };
