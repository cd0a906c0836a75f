internal import ArgumentParser
internal import CairnDomains
internal import CairnIncident

/// The event that made something so.
struct BisectVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Finds the first event that makes a predicate true, of one request or of any.",
        discussion: BisectOptions.discussion
    )

    @Argument(help: "The request's pagw_id; all requests where none is named.")
    var request: String?

    @OptionGroup var bisect: BisectOptions
    @OptionGroup var kind: MachineKindOptions
    @OptionGroup var read: ReadOptions

    func run() async throws {
        let open = try await read.open()
        switch kind.kind {
        case .requests:
            if let request {
                try await open.require(request, for: "bisect")
            } else {
                try await open.noteRemovals("bisect")
            }
            try await bisect.run(on: request, of: open.requestSubject)
        case .items: try await bisect.run(on: request, of: MachineSubject(itemsOf: open.sight))
        case .jobs: try await bisect.run(on: request, of: MachineSubject(jobsOf: open.sight))
        }
    }
}
