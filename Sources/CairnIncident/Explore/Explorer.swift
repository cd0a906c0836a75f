internal import CairnCore

/// The history of one stream as somebody steps through it.
///
/// It is what a screen of some size shows after some keys, and nothing else: no terminal, no clock
/// and no journal is in it.
public struct Explorer<Rules: InspectableMachine>: Sendable {
    /// How events are told, beside what their machine says of them.
    public struct Words: Sendable {
        /// An event in a few words, for the list.
        public var line: @Sendable (StreamWalk<Rules>.Step) -> String
        /// Reads what is searched for as a question about events; nil where it is a plain text.
        public var question: @Sendable (String) throws(PredicateError) -> Question?

        /// Events by their names; predicates over their documents.
        public init(_ machine: Rules) {
            line = { step in step.event.map { machine.name(of: $0) } ?? "(\(step.type))" }
            question = { text throws(PredicateError) in
                let predicate = try Predicate<DocumentRecord>(text)
                // Any word may be the name of a member.
                if case .isTrue = predicate.root { return nil }
                return { step in
                    guard let event = step.event else { return false }
                    return predicate.matches(DocumentRecord(machine.document(of: event)))
                }
            }
        }
    }

    /// Whether an event is one of those that are searched for.
    public typealias Question = @Sendable (StreamWalk<Rules>.Step) -> Bool

    /// What keys do.
    enum Mode: Hashable, Sendable {
        case browse
        /// What is typed of a search.
        case search(String)
        case help
    }

    /// What is searched for.
    struct Search: Sendable {
        let text: String
        let question: Question?
        /// Why the text is no predicate.
        let error: PredicateError?
    }

    public let walk: StreamWalk<Rules>
    let title: String
    let words: Words
    /// The size of the screen that is shown.
    public var size: Screen.Size {
        didSet { follow() }
    }
    /// The index of the event that is looked at.
    public private(set) var cursor = 0
    /// Whether whoever looks has seen enough.
    public private(set) var isDone = false
    /// Whether only events with anomalies are listed.
    public private(set) var isFiltered = false
    private(set) var mode = Mode.browse
    private(set) var search: Search?
    /// What there is to say about the last key.
    private(set) var notice: String?
    /// How many lines of the details are passed over.
    private(set) var scroll = 0
    /// The first row of the list that is shown.
    private(set) var top = 0
    private let odd: [Int]

    /// Looks at the last event first.
    public init(
        _ walk: StreamWalk<Rules>,
        title: String,
        size: Screen.Size,
        words: Words? = nil
    ) {
        self.walk = walk
        self.title = title
        self.size = size
        self.words = words ?? Words(walk.machine)
        odd = walk.anomalies.keys.sorted()
        cursor = max(walk.steps.count - 1, 0)
        follow()
    }

    /// How many events are listed.
    var listCount: Int { isFiltered ? odd.count : walk.steps.count }

    /// The index of the event in a row of the list.
    func index(inRow row: Int) -> Int { isFiltered ? odd[row] : row }

    /// The row of the list with the event that is looked at, or the one after it.
    var row: Int {
        isFiltered ? odd.firstIndex { $0 >= cursor } ?? max(odd.count - 1, 0) : cursor
    }

    /// Takes a key.
    public mutating func press(_ key: ScreenKey) {
        notice = nil
        switch mode {
        case .browse: browse(key)
        case .search(let text): type(key, after: text)
        case .help: mode = .browse
        }
        follow()
    }

    private mutating func browse(_ key: ScreenKey) {
        let page = max(listHeight - 1, 1)
        switch key {
        case .up, .character("k"): move(to: row - 1)
        case .down, .character("j"): move(to: row + 1)
        case .pageUp: move(to: row - page)
        case .pageDown, .character(" "): move(to: row + page)
        case .home, .character("g"): move(to: 0)
        case .end, .character("G"): move(to: listCount - 1)
        case .left, .character("h"): scroll = max(scroll - detailPage, 0)
        case .right, .character("l"): scroll = min(scroll + detailPage, scrollMax)
        case .character("a"): toggleFilter()
        case .character("/"): mode = .search("")
        case .character("n"): find(forwards: true)
        case .character("N"): find(forwards: false)
        case .character("?"): mode = .help
        case .character("q"): isDone = true
        case .enter, .backspace, .escape, .character: break
        }
    }

    private mutating func move(to row: Int) {
        guard listCount > 0 else { return }
        let row = min(max(row, 0), listCount - 1)
        guard index(inRow: row) != cursor else { return }
        cursor = index(inRow: row)
        scroll = 0
    }

    private mutating func toggleFilter() {
        guard !odd.isEmpty else {
            notice = "no event is odd"
            return
        }
        isFiltered.toggle()
        move(to: row)
    }

    private mutating func type(_ key: ScreenKey, after text: String) {
        switch key {
        case .character(let character): mode = .search(text + String(character))
        case .backspace: mode = text.isEmpty ? .browse : .search(String(text.dropLast()))
        case .escape: mode = .browse
        case .enter:
            mode = .browse
            guard !text.isEmpty else { return find(forwards: true) }
            do throws(PredicateError) {
                search = Search(text: text, question: try words.question(text), error: nil)
            } catch {
                search = Search(text: text, question: nil, error: error)
            }
            find(forwards: true)
        case .up, .down, .left, .right, .home, .end, .pageUp, .pageDown: break
        }
    }

    /// Goes to the next event that is searched for, of those listed.
    private mutating func find(forwards: Bool) {
        guard let search else {
            notice = "nothing is searched for; / begins a search"
            return
        }
        var next = row + (forwards ? 1 : -1)
        while next >= 0, next < listCount {
            if matches(index(inRow: next), search) { return move(to: next) }
            next += forwards ? 1 : -1
        }
        let place = forwards ? "below" : "above"
        notice = "no event \(place) has '\(search.text)'"
        if let error = search.error { notice? += "; \(error)" }
    }

    private func matches(_ index: Int, _ search: Search) -> Bool {
        let step = walk.steps[index]
        if let question = search.question { return question(step) }
        let wanted = search.text.lowercased()
        if words.line(step).lowercased().contains(wanted) { return true }
        if walk.anomalies[index]?.contains(where: { $0.contains(wanted) }) == true { return true }
        guard let event = step.event else { return false }
        return walk.machine.document(of: event).leaves.contains { leaf in
            leaf.value.lowercased().contains(wanted)
        }
    }

    /// Keeps the event that is looked at on the screen.
    private mutating func follow() {
        let height = max(listHeight, 1)
        let row = row
        top = min(max(top, row - height + 1), row)
        top = max(min(top, listCount - height), 0)
        scroll = min(scroll, scrollMax)
    }
}

extension JSONValue {
    /// All values that have no parts, by their paths; what is absent is left out.
    var leaves: [(path: JSONPath, value: String)] { leaves(at: JSONPath(parts: [])) }

    /// The same of a part of a value, with the way that leads to it.
    func leaves(at path: JSONPath) -> [(path: JSONPath, value: String)] {
        var leaves: [(path: JSONPath, value: String)] = []
        collect(at: path.parts, into: &leaves)
        return leaves
    }

    private func collect(at path: [String], into leaves: inout [(path: JSONPath, value: String)]) {
        switch self {
        case .null: break
        case .object(let members) where !members.isEmpty:
            for member in members { member.value.collect(at: path + [member.key], into: &leaves) }
        case .array(let elements) where !elements.isEmpty:
            for (place, element) in elements.enumerated() {
                element.collect(at: path + ["\(place)"], into: &leaves)
            }
        default: leaves.append((JSONPath(parts: path), plainText))
        }
    }

    /// A text without quotes, and anything else as JSON.
    var plainText: String {
        if case .string(let text) = self { text } else { description }
    }
}
