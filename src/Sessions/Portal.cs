using Chitin.Core;
using Chitin.Sql.Execution;

namespace Chitin.Sessions;

/// <summary>A statement with its parameter values, on its way through its rows.</summary>
public sealed class Portal
{
    internal Portal(string name, PreparedStatement statement, Datum[] parameters, ResultFormats formats)
    {
        Name = name;
        Statement = statement;
        Parameters = parameters;
        Formats = formats;
    }

    public string Name { get; }

    public PreparedStatement Statement { get; }

    public ResultFormats Formats { get; }

    internal Datum[] Parameters { get; }

    /// <summary>Set between the first and the last row.</summary>
    internal IStatementResult? Result { get; set; }

    internal bool IsDone { get; set; }

    /// <summary>The statement that the engine runs for it, for the audit record of each Execute: its own, or the one that EXECUTE named.</summary>
    internal PreparedStatement? EngineStatement { get; set; }

    internal Datum[] EngineParameters { get; set; } = [];

    internal async ValueTask CloseAsync()
    {
        if (Result is not { } result)
            return;
        Result = null;
        await result.DisposeAsync();
    }
}
