import CairnTestSupport
import Foundation
import Testing

/// A page as a browser has it after the page's own script has run.
struct Browser {
    /// What the document holds, as text.
    let document: String
    /// What the page or the browser complained of on the console.
    let complaints: [String]

    static let program = [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        "/snap/bin/chromium",
    ].first { FileManager.default.isExecutableFile(atPath: $0) }

    static let absence: Comment = "no Chromium under /usr/bin"

    /// Opens a page and waits until its script is done.
    ///
    /// - Parameters:
    ///   - file: The page's name in the folder.
    ///   - fragment: What of the page is asked for.
    ///   - folder: Where the page is, and what the browser keeps.
    /// - Returns: The document.
    /// - Throws: What keeps the browser from being started.
    static func open(
        _ file: String,
        at fragment: [String: String] = [:],
        in folder: ScratchFolder
    ) async throws -> Browser {
        let name = UUID().uuidString
        var address = URLComponents()
        address.queryItems = fragment.sorted { $0.key < $1.key }
            .map { URLQueryItem(name: $0.key, value: $0.value) }
        let query = address.percentEncodedQuery?.replacing("+", with: "%2B") ?? ""
        var command = ChildCommand(
            try #require(program),
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--user-data-dir=\(folder.path("profile-\(name)"))", "--window-size=1400,1000",
                "--virtual-time-budget=4000", "--dump-dom",
                "file://\(folder.path(file))#\(query)",
            ]
        )
        command.output = .file(folder.path("out-\(name)"))
        command.error = .file(folder.path("err-\(name)"))
        let end = try await command.run()
        try #require(end.status == 0)
        let lines = try folder.text("err-\(name)").split(separator: "\n").map(String.init)
        return Browser(
            document: try folder.text("out-\(name)"),
            complaints: lines.filter { $0.contains("CONSOLE") }
        )
    }

    /// The texts of all elements that a beginning tag of the document is the beginning of.
    func texts(_ tag: String, with attribute: String) -> [String] {
        var texts: [String] = []
        var rest = document[...]
        while let begin = rest.firstRange(of: "<\(tag) ") {
            rest = rest[begin.upperBound...]
            guard let tagEnd = rest.firstRange(of: ">") else { break }
            let isMeant = rest[..<tagEnd.lowerBound].contains(attribute)
            rest = rest[tagEnd.upperBound...]
            guard isMeant, let end = rest.firstRange(of: "</\(tag)>") else { continue }
            texts.append(Self.text(String(rest[..<end.lowerBound])))
        }
        return texts
    }

    /// A piece of the document without its tags.
    private static func text(_ piece: String) -> String {
        piece.replacing(#/<[^>]*>/#, with: "").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    /// What the state shows in one of its fields, without what it was before.
    func field(_ name: String) -> String? {
        texts("dd", with: "data-slot=\"\(name)\"").first.map { text in
            let value = text.firstRange(of: " was ").map { text[..<$0.lowerBound] } ?? text[...]
            return value.trimmingCharacters(
                in: CharacterSet.whitespaces.union(
                    CharacterSet(charactersIn: "\u{2713}\u{2715}\u{25B8}\u{2013}\u{21BB}\u{B7}")
                )
            )
        }
    }
}
