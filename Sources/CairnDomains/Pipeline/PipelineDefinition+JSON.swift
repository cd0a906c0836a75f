internal import CairnCore

extension PipelineDefinition {
    /// Reads a definition as `Specs/Pipelines/pipeline.schema.json` describes it.
    ///
    /// - Throws: ``PipelineDefinitionError``, which names the place in the text.
    public static func parse(_ bytes: [UInt8]) throws(PipelineDefinitionError) -> Self {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw .json(error) }
        return try PipelineDefinition(DefinitionReader(value: value, path: ""))
    }

    private init(_ reader: DefinitionReader) throws(PipelineDefinitionError) {
        try reader.requireKeys(
            "$schema",
            "description",
            "name",
            "version",
            "open",
            "stages",
            "event_types",
            "retry",
            "metadata_indexes"
        )
        self.init(
            name: try reader.required("name").text(),
            version: try reader.required("version").number(
                decimals: 0,
                in: 1...Int64.max,
                named: "a whole number from 1"
            ),
            isOpen: try reader.bool("open", default: false)
        )
        for element in try reader.elements("stages") { stages.append(try Stage(element)) }
        for element in try reader.elements("event_types") {
            eventTypes.append(try EventType(element))
        }
        if let policy = reader.optional("retry") { retry = try RetryPolicy(policy) }
        for element in try reader.elements("metadata_indexes") {
            let text = try element.text()
            guard let path = JSONPath(text) else { throw element.failure(.badPath(text)) }
            metadataIndexes.append(path)
        }
        try check()
    }

    /// Checks that every name means one thing and every reference leads somewhere.
    func check() throws(PipelineDefinitionError) {
        // Words are told apart by their bytes, as the words of events are.
        var stageWords: Set<ExactText> = []
        for (index, stage) in stages.enumerated() {
            for (place, word) in [("name", stage.name)]
                + stage.aliases.enumerated().map({ ("aliases[\($0)]", $1) })
            {
                guard stageWords.insert(ExactText(word)).inserted else {
                    throw .invalid(path: "stages[\(index)].\(place)", reason: .repeatedName(word))
                }
            }
        }
        let stageNames = Set(stages.map { ExactText($0.name) })
        for (index, stage) in stages.enumerated() {
            for (place, name) in stage.follows.enumerated()
            where !stageNames.contains(ExactText(name)) {
                throw .invalid(
                    path: "stages[\(index)].follows[\(place)]",
                    reason: .unknownStage(name)
                )
            }
        }
        let typeNames = Set(eventTypes.map { ExactText($0.name) })
        var seenNames: Set<ExactText> = []
        for (index, type) in eventTypes.enumerated() {
            let path = "event_types[\(index)]"
            guard seenNames.insert(ExactText(type.name)).inserted else {
                throw .invalid(path: "\(path).name", reason: .repeatedName(type.name))
            }
            guard stageNames.contains(ExactText(type.stage)) else {
                throw .invalid(path: "\(path).stage", reason: .unknownStage(type.stage))
            }
            if let start = type.startedBy, !typeNames.contains(ExactText(start)) {
                throw .invalid(path: "\(path).started_by", reason: .unknownEventType(start))
            }
        }
    }
}

extension PipelineDefinition.Stage {
    fileprivate init(_ reader: DefinitionReader) throws(PipelineDefinitionError) {
        try reader.requireKeys(
            "name",
            "aliases",
            "deadline_seconds",
            "follows",
            "retry",
            "description"
        )
        self.init(
            try reader.required("name").text(),
            aliases: try reader.texts("aliases"),
            follows: try reader.texts("follows")
        )
        if let member = reader.optional("deadline_seconds") { deadline = try member.seconds() }
        if let member = reader.optional("retry") { retry = try RetryPolicy(member) }
    }
}

extension PipelineDefinition.EventType {
    fileprivate init(_ reader: DefinitionReader) throws(PipelineDefinitionError) {
        try reader.requireKeys(
            "name",
            "stage",
            "status",
            "started_by",
            "terminal",
            "anytime",
            "external_effect",
            "description"
        )
        let word = try reader.required("status")
        let status = PipelineStatus(try word.text())
        guard status.code != .other else { throw word.failure(.unknownStatus(status.word)) }
        self.init(
            try reader.required("name").text(),
            stage: try reader.required("stage").text(),
            status: status,
            isTerminal: try reader.bool("terminal", default: false),
            mayComeAnytime: try reader.bool("anytime", default: false)
        )
        if let start = reader.optional("started_by") { startedBy = try start.text() }
        if let member = reader.optional("external_effect") {
            let word = try member.text()
            guard let effect = PipelineDefinition.ExternalEffect(rawValue: word) else {
                throw member.failure(.unknownEffect(word))
            }
            externalEffect = effect
        }
    }
}

extension RetryPolicy {
    fileprivate init(_ reader: DefinitionReader) throws(PipelineDefinitionError) {
        try reader.requireKeys(
            "max_attempts",
            "initial_delay_seconds",
            "multiplier",
            "max_delay_seconds",
            "jitter"
        )
        self.init(
            attemptCountMax: try reader.required("max_attempts").number(
                decimals: 0,
                in: 1...Self.attemptCountLimit,
                named: "a whole number from 1 to \(Self.attemptCountLimit)"
            ),
            initialDelay: try reader.required("initial_delay_seconds").seconds(),
            multiplierThousandths: try reader.required("multiplier").number(
                decimals: 3,
                in: 1_000...1_000_000,
                named: "a number from 1 to 1000, with at most 3 decimals"
            ),
            delayMax: try reader.required("max_delay_seconds").seconds(),
            jitterThousandths: try reader.required("jitter").number(
                decimals: 3,
                in: 0...1_000,
                named: "a number from 0 to 1, with at most 3 decimals"
            )
        )
    }
}
