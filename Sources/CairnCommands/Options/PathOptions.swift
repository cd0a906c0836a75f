internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// What is asked about the ways that requests or keys go.
struct PathOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("From when on: a time, or a span before now.", valueName: "time|span"),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound?

    @Option(
        help: ArgumentHelp("Up to when: a time, or a span before now.", valueName: "time|span"),
        transform: { try TimeBound($0) }
    )
    var until: TimeBound?

    @Flag(help: "List the ways that they go, the most frequent first.")
    var variants = false

    @Option(
        help: ArgumentHelp("Write the map of what follows what.", valueName: "mermaid|svg|dot"),
        completion: .words(of: MapKind.self),
        transform: { try Arguments.choice($0) }
    )
    var map: MapKind?

    @Flag(help: "Count events in a row under one name as one.")
    var foldRepeats = false

    @Option(
        help: ArgumentHelp(
            "Leave out of a map the edges that fewer take: a share such as 0.05.",
            valueName: "share"
        ),
        transform: { try Self.share($0) }
    )
    var edgesAtLeast: Double?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the map goes, a file that must not exist; by default to standard output.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Write over the file.")
    var overwrite = false

    @Option(
        parsing: .unconditional,
        help: "Most rows, or variants; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 20

    @Flag(help: "End with exit code 1 if one departed.")
    var check = false

    /// Whether departures are asked for.
    var isAboutDepartures: Bool { !variants && map == nil }

    /// Refuses options that have nothing to do with each other.
    func validateChoice() throws(ValidationError) {
        guard !variants || map == nil else {
            throw ValidationError("--variants and --map are two questions; ask one at a time")
        }
        guard map != nil || (output == nil && !overwrite && edgesAtLeast == nil) else {
            throw ValidationError("-o, --overwrite and --edges-at-least need --map")
        }
    }

    /// The map's file, with nothing in its way.
    ///
    /// - Parameter journal: The journal that is read.
    /// - Returns: The file; nil for standard output.
    /// - Throws: ``CommandFailure``, as ``OutputFile/init(path:isOverwriting:besides:)``.
    func file(besides journal: String) throws(CommandFailure) -> OutputFile? {
        guard let output else { return nil }
        return try OutputFile(path: output, isOverwriting: overwrite, besides: journal)
    }

    /// Writes a map.
    ///
    /// - Parameters:
    ///   - whole: The map with all its edges.
    ///   - kind: What it is written as.
    ///   - file: Where it goes; nil for standard output.
    ///   - listing: How it is told to programs.
    ///   - advice: What makes a drawing smaller.
    ///   - format: How results are printed.
    /// - Throws: ``CommandFailure``, with exit code 64 for a drawing that nobody could read.
    func write(
        _ whole: ProcessMap,
        as kind: MapKind,
        to file: OutputFile?,
        _ listing: ConformanceListing,
        advice: String,
        format: OutputFormat
    ) throws(CommandFailure) {
        let map = edgesAtLeast.map { whole.thinned(edgesAtLeast: $0) } ?? whole
        let source: String
        do throws(ProcessMapError) {
            source = try kind.source(map)
        } catch {
            throw CommandFailure(.usage, "\(error); give \(advice)")
        }
        try file?.write(Array(source.utf8))
        switch format {
        case .json: try listing.document(map, kind, source, path: output).print(as: .json)
        case .text where file == nil: try Terminal.write(source)
        case .text: break
        }
        if file != nil || map.droppedEdgeCount > 0 {
            let tool = IncidentTool.current?.name ?? "cairn"
            Terminal.note("\(tool): conformance: \(ConformanceListing.size(of: map))")
        }
        file?.noteLeftovers(of: "conformance")
    }

    private static func share(_ text: String) throws(ValidationError) -> Double {
        guard let share = Double(text), (0...1).contains(share) else {
            throw ValidationError("it must be a number from 0 to 1")
        }
        return share
    }
}

/// What a map is written as.
enum MapKind: String, CaseIterable, Sendable {
    case mermaid, svg, dot

    func source(_ map: ProcessMap) throws(ProcessMapError) -> String {
        switch self {
        case .mermaid: map.mermaid
        case .svg: try map.svg()
        case .dot: map.dot
        }
    }
}
