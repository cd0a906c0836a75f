internal import Foundation

/// A page as a browser has it after the page's own script has run.
public struct Browser: Sendable {
    /// What the document holds, as text.
    public let document: String
    /// What the page or the browser complained of on the console.
    ///
    /// Errors of scripts, and what the page's policy refused; what was asked for and did not come
    /// is none.
    public let complaints: [String]
    /// What the test's own script told, as far as it came.
    public let told: [String]

    /// The browser; nil where none is installed.
    public static let program = [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        "/snap/bin/chromium",
    ].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What to say where there is no ``program``.
    public static let absence =
        "no Chromium under /usr/bin, so no page is looked at; 'apt-get install chromium' brings it"

    /// Why a page could not be opened.
    public enum Failure: Error {
        case absent
        /// The browser ended with another status than 0.
        case ended(Int32)
        /// The page does not say that it is ready, where a script was to be added.
        case noEnd(file: String)
        /// What a script told is no list of texts.
        case nothingTold(String)
        /// What was printed is no PDF.
        case noPaper
    }

    /// Where a report's page says that it is ready: the last thing that its script does.
    private static let readyLine = "document.documentElement.dataset.ready = \"yes\";"

    /// Opens a page and waits until its script is done.
    ///
    /// There is no network: no name and no number of a host leads anywhere.
    ///
    /// - Parameters:
    ///   - file: The page's name in the folder.
    ///   - fragment: What of the page is asked for.
    ///   - script: What is done in the page of a report once that is ready, with all that its own
    ///     script has; it may wait, and puts texts into the array `told`.
    ///   - folder: Where the page is, and what the browser keeps.
    /// - Returns: The document.
    /// - Throws: ``Failure``, or what keeps the browser from being started.
    public static func open(
        _ file: String,
        at fragment: [String: String] = [:],
        doing script: String? = nil,
        in folder: ScratchFolder
    ) async throws -> Browser {
        guard let program else { throw Failure.absent }
        let name = UUID().uuidString
        var file = file
        if let script {
            let page = try folder.text(file)
            guard page.contains(readyLine) else { throw Failure.noEnd(file: file) }
            file = "page-\(name).html"
            try folder.file(
                file,
                page.replacing(readyLine, with: "\(readyLine)\n\(telling(script))")
            )
        }
        try await run(program, ["--dump-dom"], on: file, at: fragment, as: name, in: folder)
        let lines = try folder.text("err-\(name)").split(separator: "\n").map(String.init)
        return try Browser(
            document: folder.text("out-\(name)"),
            complaints: lines.filter { $0.contains("CONSOLE") }
        )
    }

    /// Prints a page onto paper, as a PDF.
    ///
    /// - Parameters:
    ///   - file: The page's name in the folder.
    ///   - fragment: What of the page is asked for.
    ///   - folder: Where the page is, and what the browser keeps.
    /// - Returns: How many sheets it takes.
    /// - Throws: ``Failure``, or what keeps the browser from being started.
    public static func sheetCount(
        of file: String,
        at fragment: [String: String] = [:],
        in folder: ScratchFolder
    ) async throws -> Int {
        guard let program else { throw Failure.absent }
        let name = UUID().uuidString
        let paper = "paper-\(name).pdf"
        let option = "--print-to-pdf=\(folder.path(paper))"
        try await run(program, [option], on: file, at: fragment, as: name, in: folder)
        let bytes = try folder.data(paper)
        guard bytes.starts(with: "%PDF-".utf8) else { throw Failure.noPaper }
        return bytes.ranges(of: Data("<</Type /Page\n".utf8)).count
    }

    /// Runs the browser once; what it says goes to files that end with the name.
    private static func run(
        _ program: String,
        _ options: [String],
        on file: String,
        at fragment: [String: String],
        as name: String,
        in folder: ScratchFolder
    ) async throws {
        var address = URLComponents()
        address.queryItems = fragment.sorted { $0.key < $1.key }
            .map { URLQueryItem(name: $0.key, value: $0.value) }
        let query = address.percentEncodedQuery?.replacing("+", with: "%2B") ?? ""
        var command = ChildCommand(
            program,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--user-data-dir=\(folder.path("profile-\(name)"))", "--window-size=1400,1000",
                "--virtual-time-budget=4000",
            ] + options + ["file://\(folder.path(file))#\(query)"]
        )
        command.output = .file(folder.path("out-\(name)"))
        command.error = .file(folder.path("err-\(name)"))
        let end = try await command.run()
        guard end.status == 0 else { throw Failure.ended(end.status) }
    }

    private init(document: String, complaints: [String]) throws {
        self.document = document
        self.complaints = complaints
        guard let text = Self.texts("pre", with: "id=\"told\"", in: document).first else {
            told = []
            return
        }
        let list = try JSONSerialization.jsonObject(with: Data(text.utf8))
        guard let told = list as? [String] else { throw Failure.nothingTold(text) }
        self.told = told
    }

    /// A script that leaves what it told in the document.
    private static func telling(_ script: String) -> String {
        """
        (async () => {
        const told = [];
        try {
        \(script)
        } finally {
          document.body.append(el("pre", { id: "told" }, JSON.stringify(told)));
        }
        })();
        """
    }

    /// The texts of all elements that a beginning tag of the document is the beginning of.
    public func texts(_ tag: String, with attribute: String) -> [String] {
        Self.texts(tag, with: attribute, in: document)
    }

    private static func texts(
        _ tag: String,
        with attribute: String,
        in document: String
    ) -> [String] {
        var texts: [String] = []
        var rest = document[...]
        while let begin = rest.firstRange(of: "<\(tag) ") {
            rest = rest[begin.upperBound...]
            guard let tagEnd = rest.firstRange(of: ">") else { break }
            let isMeant = rest[..<tagEnd.lowerBound].contains(attribute)
            rest = rest[tagEnd.upperBound...]
            guard isMeant, let end = rest.firstRange(of: "</\(tag)>") else { continue }
            texts.append(text(String(rest[..<end.lowerBound])))
        }
        return texts
    }

    /// A piece of the document without its tags.
    private static func text(_ piece: String) -> String {
        piece.replacing(#/<[^>]*>/#, with: "").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    /// What the state shows in one of its fields, without what it was before.
    public func field(_ name: String) -> String? {
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
