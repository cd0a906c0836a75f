/// What a screen of text shows, from its top row down.
public struct Screen: Hashable, Sendable {
    /// Columns and rows.
    public struct Size: Hashable, Sendable {
        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// A text in one row; it reaches no further than the next one begins, or the row ends.
    public struct Span: Hashable, Sendable {
        /// The column that it begins at, from 0.
        public let column: Int
        /// Text that moves no cursor.
        public let text: String
        public let emphasis: Emphasis
    }

    /// How a span stands out; what it says must not depend on it.
    public enum Emphasis: Hashable, Sendable {
        case none, strong, faint
        /// The row of the event that is looked at, and bars.
        case inverse
    }

    public let size: Size
    /// The spans of each row, from left to right.
    public private(set) var rows: [[Span]]

    init(_ size: Size) {
        self.size = size
        rows = Array(repeating: [], count: max(size.rows, 0))
    }

    /// Puts a text into a row, if there is room; texts of a row are put from left to right.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - row: The row, from 0.
    ///   - column: The column that it begins at, from 0.
    ///   - width: Most columns it may take; the rest of the row by default.
    ///   - emphasis: How it stands out.
    ///   - isFilled: Whether to fill the width with spaces.
    mutating func put(
        _ text: String,
        row: Int,
        column: Int = 0,
        width: Int = .max,
        _ emphasis: Emphasis = .none,
        isFilled: Bool = false
    ) {
        let width = min(width, size.columns - column)
        guard rows.indices.contains(row), width > 0 else { return }
        let (fitted, count) = ScreenText.fitted(text, to: width)
        let padding = isFilled ? String(repeating: " ", count: width - count) : ""
        guard !(fitted + padding).isEmpty else { return }
        rows[row].append(Span(column: column, text: fitted + padding, emphasis: emphasis))
    }

    /// The rows as plain text, without spaces at their ends.
    public var text: [String] {
        rows.map { spans in
            var line = ""
            for span in spans {
                let gap = span.column - ScreenText.width(of: line)
                line += String(repeating: " ", count: max(gap, 0)) + span.text
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
