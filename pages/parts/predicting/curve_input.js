// A curve to draw, one value for each place along x, by pointer, touch or keyboard. A place has one value, so
// to draw to the left, or over what is drawn, is to draw it anew. What is drawn is sent once a line has ended.
const MOST_UNDO = 50, PAUSE = 200
const REACH = 0.4  // of the way to the next place: as near a line must come to a place that it does not cross
const boards = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  let board = boards.get(parentElement)
  if (board?.values.length !== data.places.length) {  // at first, and where a lesson's file was changed
    board = new Board(parentElement, data)
    boards.set(parentElement, board)
  }
  board.say(data)  // at every call: the language may be another
  board.send = values => setStateValue("drawn", values)
  return () => boards.delete(parentElement)
}

class Board {
  constructor(root, data) {
    this.root = root
    this.values = data.places.map((_, k) => data.drawn[k] ?? null)
    this.undoable = []
    this.current = 0
    this.plot = this.part(".plot")
    this.sliders = data.places.map((_, k) => {
      const point = document.createElement("span")
      point.setAttribute("role", "slider")
      point.setAttribute("aria-orientation", "vertical")
      point.style.left = `${100 * this.across(k)}%`
      point.onfocus = () => { this.current = k; this.show() }
      return point
    })
    this.part(".points").replaceChildren(...this.sliders)
    this.plot.onpointerdown = event => this.begin(event)
    this.plot.onpointermove = event => this.move(event)
    this.plot.onpointerup = this.plot.onpointercancel = () => this.end()
    this.plot.onkeydown = event => this.key(event)
    this.plot.addEventListener("focusout", () => this.flush())
    this.part("[data-part=undo]").onclick = () => this.undo()
    this.part("[data-part=clear]").onclick = () => {
      this.remember()
      this.values.fill(null)
      this.changed()
    }
  }

  part(selector) { return this.root.querySelector(selector) }

  // What the learner reads and hears, and the axes.
  say(data) {
    this.data = data
    this.words = Object.fromEntries(data.words)
    for (const name of ["x", "y", "undo", "clear", "keys"]) {
      this.part(`[data-part=${name}]`).textContent = this.words[name]
    }
    this.plot.setAttribute("aria-label", this.words.plot)
    this.plot.setAttribute("aria-describedby", "keys")
    this.part(".places").replaceChildren(...data.places.map(written))
    this.part(".ticks").replaceChildren(...data.ticks.map(([value, text]) => {
      const tick = written(text)
      tick.style.bottom = `${100 * this.up(value)}%`
      return tick
    }))
    const lines = data.ticks.map(([value]) => `M0 ${100 - 100 * this.up(value)}H100`)
    lines.push(...data.places.map((_, k) => `M${100 * this.across(k)} 0V100`))
    const grid = document.createElementNS("http://www.w3.org/2000/svg", "path")
    grid.setAttribute("d", lines.join(""))
    this.part(".grid").replaceChildren(grid)
    this.show()
    this.sayWhatIsMissing()
  }

  across(place) { return (place + 0.5) / this.values.length }
  up(value) { return (value - this.data.low) / (this.data.high - this.data.low) }
  text(value) {
    const number = (Math.abs(value) * this.data.factor).toFixed(this.data.digits)
    const sign = value < 0 && Number(number) ? "\u2212" : ""
    return sign + number.replace(".", this.data.decimal) + this.data.suffix
  }

  show() {
    let line = "", before = null
    this.values.forEach((value, k) => {
      const point = this.sliders[k], { low, high } = this.data
      point.classList.toggle("open", value === null)
      point.style.bottom = value === null ? "50%" : `${100 * this.up(value)}%`
      point.tabIndex = k === this.current ? 0 : -1
      for (const [name, said] of Object.entries({
        label: this.data.places[k], valuemin: low, valuemax: high, valuenow: value ?? (low + high) / 2,
        valuetext: value === null ? this.words.open : this.text(value),
      })) point.setAttribute(`aria-${name}`, said)
      if (value !== null) {
        line += `${before === k - 1 && line ? "L" : "M"}${100 * this.across(k)} ${100 - 100 * this.up(value)}`
        before = k
      }
    })
    this.part(".line").setAttribute("d", line)
  }
  sayWhatIsMissing() {
    const open = this.data.places.filter((_, k) => this.values[k] === null)
    const { empty, missing, whole } = this.words
    this.part("[data-part=said]").textContent =
      open.length === this.values.length ? empty : open.length ? missing.replace("{places}", open.join(", ")) : whole
  }

  // Where the pointer is: its place along x, a fraction where it is between two, and its value.
  at(event) {
    const box = this.plot.getBoundingClientRect(), { low, high } = this.data
    const height = clamp((box.bottom - event.clientY) / box.height, 0, 1)
    const place = (event.clientX - box.left) / box.width * this.values.length - 0.5
    return { place: clamp(place, -0.5, this.values.length - 0.5), value: this.rounded(low + height * (high - low)) }
  }
  rounded(value) { return clamp(Number(value.toPrecision(6)), this.data.low, this.data.high) }

  begin(event) {
    if (event.button) return
    this.plot.setPointerCapture(event.pointerId)
    this.remember()
    this.from = this.at(event)
    this.nearest = this.values.map(() => REACH)  // how near this line has come to each place
    const near = Math.round(this.from.place), value = this.values[near]
    const isOnPoint = value !== null && Math.abs(this.up(value) - this.up(this.from.value)) < 0.08
    this.held = isOnPoint && Math.abs(near - this.from.place) < REACH ? near : null  // moved up and down
    this.pass(this.from, this.from)
    this.show()
  }
  move(event) {
    if (!this.from) return
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const to = this.at(one)
      this.pass(this.from, to)
      this.from = to
    }
    this.show()
  }
  end() {
    if (!this.from) return
    this.from = null
    this.changed()
    this.flush()
  }
  pass(from, to) {
    if (this.held !== null && Math.abs(to.place - this.held) < 0.5) {
      this.values[this.held] = to.value
      return
    }
    this.held = null
    const [left, right] = from.place < to.place ? [from, to] : [to, from]
    this.values.forEach((_, k) => {
      const distance = Math.abs(to.place - k)
      if (left.place < k && k < right.place) {
        const share = (k - left.place) / (right.place - left.place)
        this.values[k] = this.rounded(left.value + share * (right.value - left.value))
        this.nearest[k] = 0
      } else if (distance <= this.nearest[k]) {
        this.values[k] = to.value
        this.nearest[k] = distance
      }
    })
  }

  key(event) {
    const { low, high, step } = this.data, k = this.current, value = this.values[k]
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key]
    if (along) this.sliders[clamp(k + along, 0, this.values.length - 1)].focus()
    else if (up || event.key === "Home" || event.key === "End") {
      const before = this.values.slice(0, k).findLast(one => one !== null)
      const start = value ?? before ?? (low + high) / 2  // a new point begins where the one before it is
      const isNew = value === null && up
      this.set(k, isNew ? start : up ? start + up * step : event.key === "Home" ? low : high)
    } else if (event.key === "Delete" || event.key === "Backspace") this.set(k, null)
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  set(k, value) {
    this.remember()
    this.values[k] = value === null ? null : this.rounded(value)
    this.changed()
  }

  remember() {
    this.undoable.push([...this.values])
    if (this.undoable.length > MOST_UNDO) this.undoable.shift()
  }
  undo() {
    const before = this.undoable.pop()
    if (before) { this.values = before; this.changed() }
  }
  changed() {
    this.show()
    this.sayWhatIsMissing()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.flush(), PAUSE)
  }
  // Who leaves for another step takes along what was drawn a moment ago.
  flush() {
    clearTimeout(this.timer)
    if (this.timer) this.send([...this.values])
    this.timer = null
  }
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value))
function written(text) {
  const made = document.createElement("span")
  made.textContent = text
  return made
}
