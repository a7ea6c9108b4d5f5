/** The style of the report: light or dark as the reader's system is, and readable on a phone and on paper. No colour alone tells anything. */
export const htmlStyle = `
:root { color-scheme: light dark; --text: #1c2128; --dim: #57606a; --ground: #ffffff; --box: #f4f6f8; --line: #d0d7de; --bad: #a4161a; --odd: #7a4d00; --good: #0f5c2a; --link: #0a58b8 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --dim: #a5b0bb; --ground: #0d1117; --box: #171d26; --line: #3a434e; --bad: #ff9a91; --odd: #f2bd6b; --good: #7ee29a; --link: #84b9ff }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem }
a { color: var(--link) }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
code { font: .9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
.facts, .dim { color: var(--dim) }
.facts { margin: .2rem 0 1.2rem; overflow-wrap: anywhere }
.verdict { margin: 0; padding: .8rem 1rem; border-left: .4rem solid; background: var(--box); font-weight: 600 }
.bad { color: var(--bad) } .odd { color: var(--odd) } .good { color: var(--good) }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem .8rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { color: var(--dim); font-size: .85rem; font-weight: 600 }
td:first-child { white-space: nowrap }
td[data-name="In"] { min-width: 10rem }
summary { cursor: pointer; font-weight: 600 }
@media (max-width: 45rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { display: block; padding: .7rem 0; border-bottom: 1px solid var(--line) }
  td { display: block; padding: .1rem 0; border: 0 }
  td:first-child { white-space: normal }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--dim) }
}
@media print { main { max-width: none; padding: 0 } details:not([open]) > :not(summary) { display: none } }
`;
