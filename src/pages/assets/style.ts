/** One style for all pages. Colours meet WCAG's AA contrast, in light and dark; nothing is told by colour alone. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --surface: #fff; --text: #1f2421; --muted: #59615c; --line: #dcdad2;
  --accent: #1f5c49; --accent-text: #fff; --soft: #e8efe9;
  --good: #1f6b4f; --warn: #8a5200; --bad: #a3271d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #151816; --surface: #1d211e; --text: #e8ebe6; --muted: #a4ada6; --line: #353b37;
    --accent: #8fd0b5; --accent-text: #10231b; --soft: #24332c;
    --good: #7fcfa9; --warn: #e6b566; --bad: #f2998f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main, .bar { max-width: 48rem; margin: 0 auto; padding-left: 1.25rem; padding-right: 1.25rem; }
main { padding-bottom: 4rem; outline: none; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; margin: 2.25rem 0 1.25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .35rem 0; }
ul { list-style: none; margin: 0; padding: 0; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus-visible { outline: none; }
.skip { position: absolute; left: -100vw; top: .5rem; padding: .5rem 1rem; background: var(--surface); }
.skip:focus { left: .5rem; z-index: 1; }
.note, .muted, #agenda p, .when { color: var(--muted); }
.note { margin: 1.25rem 0 0; }
.small { font-size: .875rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.find { margin: .75rem 0 1rem; }
.find input { flex: 1 1 12rem; width: auto; min-width: 0; }

label { display: block; font-size: .875rem; font-weight: 600; margin-bottom: .2rem; }
input, select, button { font: inherit; color: inherit; min-height: 2.6rem; max-width: 100%; }
input:not([type=checkbox]), select {
  width: 100%; padding: .35rem .6rem; border: 1px solid var(--muted); border-radius: 6px; background: var(--surface);
}
button {
  padding: .35rem 1rem; border: 1px solid var(--accent); border-radius: 6px; cursor: pointer;
  background: var(--accent); color: var(--accent-text); font-weight: 600;
}
button.second { background: transparent; color: var(--accent); }
button.quiet {
  min-height: 0; padding: .1rem 0; border: 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline;
}
.search {
  display: grid; gap: .75rem 1rem; grid-template-columns: minmax(0, 1fr) auto; align-items: end;
  padding: 1.1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface);
}
.search div { min-width: 0; }
button, .badge { overflow-wrap: normal; }
.search details { grid-column: 1 / -1; margin: 0; }
.fields { display: grid; gap: .9rem 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); margin-top: .75rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.25rem; }

.day h2 { padding-bottom: .4rem; border-bottom: 1px solid var(--line); }
.day li { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: .15rem 1.25rem; padding: .8rem 0; }
.day li + li { border-top: 1px solid var(--line); }
.day h3 a { color: var(--text); text-decoration-color: var(--line); }
.day h3 a:hover { text-decoration-color: currentColor; }
.when { font-variant-numeric: tabular-nums; }
.when small { display: block; font-size: .8125rem; }
#agenda p { font-size: .9375rem; }
#agenda .of { display: flex; flex-wrap: wrap; gap: .2rem .5rem; align-items: baseline; }
#agenda p a { color: inherit; text-decoration-color: var(--line); unicode-bidi: plaintext; }
#agenda .tag { padding: 0 .5rem; border-radius: 99px; background: var(--soft); font-size: .8125rem; color: var(--text); text-decoration: none; }
#agenda .tag:hover { text-decoration: underline; }
.badge { display: inline-block; padding: 0 .55rem; border: 1px solid; vertical-align: .08em; border-radius: 99px; font-size: .8125rem; font-weight: 600; }
h3 .badge { margin-left: .25rem; }
.pages { display: flex; justify-content: space-between; gap: 1rem; margin-top: 2rem; }
.pages a[rel=next] { margin-left: auto; }

.top { border-bottom: 1px solid var(--line); background: var(--surface); }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; min-height: 3.4rem; padding-top: .5rem; padding-bottom: .5rem; }
.bar ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.card { margin: .75rem 0; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
.card.alert { border-left: 4px solid var(--bad); }
.needs { list-style: disc; padding-left: 1.25rem; }
.needs + p { margin-top: .75rem; }
p.actions { margin-top: 1rem; }
.needs li { margin: .3rem 0; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.org { padding: .9rem 0; border-top: 1px solid var(--line); display: grid; gap: .2rem 1.5rem; grid-template-columns: minmax(0, 1fr) 15rem; }
.org > details, .org > .wide { grid-column: 1 / -1; }
.org .badge { margin-left: .4rem; }
.plot { width: 15rem; max-width: 100%; height: auto; display: block; }
.plot .ok { fill: var(--good); } .plot .failed { fill: var(--bad); } .plot .none { fill: var(--muted); opacity: .55; }
.plot .base { stroke: var(--line); stroke-width: 1; }
progress { width: 100%; height: .6rem; accent-color: var(--accent); }
details { margin: .3rem 0; }
summary { cursor: pointer; }
code { font-size: .875em; background: var(--soft); padding: .1em .35em; border-radius: 4px; }
fieldset { margin: 1rem 0; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
.choice { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .1rem .75rem; padding: .7rem 0; border-top: 1px solid var(--line); }
.choice input { min-height: 0; width: 1.2rem; height: 1.2rem; margin: .15rem 0; accent-color: var(--accent); }
.choice label { margin: 0; font-size: 1rem; }
.choice p { grid-column: 2; }
.error { color: var(--bad); font-weight: 600; }
.narrow { max-width: 24rem; }
@media (max-width: 38rem) {
  main, .bar { padding-left: 1rem; padding-right: 1rem; }
  main { padding-bottom: 3rem; }
  h1 { font-size: 1.6rem; margin-top: 1.5rem; }
  .day li, .org { grid-template-columns: minmax(0, 1fr); }
  .when small { display: inline; margin-left: .35rem; }
}
@media (forced-colors: active) { .plot .ok, .plot .failed { fill: CanvasText; } .plot .none { fill: GrayText; } }
`;
