using System.Text.Json;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Audit;
using Chitin.Security.Authorization;
using Chitin.Security.Credentials;
using Chitin.Sessions;
using Chitin.Sql.Execution;
using Chitin.Sql.Execution.Ddl;
using Chitin.Sql.SystemViews;
using Chitin.Storage;
using Chitin.Testing;
using Chitin.Transactions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.SqlLogicTests;

/// <summary>The layers from Sessions down to an encrypted store, without network.</summary>
internal sealed class InProcessNode : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly TimeProvider _clock;
    private readonly string _key;

    private static readonly PasswordHasher s_hasher = new();

    private AuditTrail? _trail;

    private InProcessNode(TimeProvider clock, string key) => (_clock, _key) = (clock, key);

    public SessionHost Host { get; private set; } = null!;

    public RocksStore Store { get; private set; } = null!;

    public TransactionManager Transactions { get; private set; } = null!;

    public string DatabasePath => _fixture.DatabasePath;

    public CountingSpillArea SpillArea { get; } = new();

    public SqlMemory Memory { get; private init; } = SqlMemory.Unlimited;

    /// <summary>Where the audit trail is, when there is one.</summary>
    public string AuditDirectory => _fixture.Directory.File("audit");

    /// <param name="audit">With an audit trail, whose records <see cref="AuditRecords"/> reads.</param>
    /// <param name="clock">The time that the layers see.</param>
    /// <param name="key">The name of the store's key; "plain" for a store in clear.</param>
    /// <param name="memory">What statements may hold together, in bytes.</param>
    public static async Task<InProcessNode> StartAsync(bool audit = false, TimeProvider? clock = null, string key = "k", long memory = 256L << 20)
    {
        var node = new InProcessNode(clock ?? TimeProvider.System, key) { Memory = new SqlMemory(memory) };
        if (audit)
            node._trail = new AuditTrail(AuditLogFile.Open(node.AuditDirectory, clock ?? TimeProvider.System), NullLogger.Instance);
        await node.OpenAsync();
        return node;
    }

    /// <summary>Closes the store and opens it again. Sessions are over before.</summary>
    public async Task RestartAsync()
    {
        Transactions.Dispose();
        Store.Dispose();
        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        Store = _fixture.Open(_key);
        Transactions = new TransactionManager(Store, new LocalCommitLog(Store), _clock);
        var catalog = await CatalogStore.OpenAsync(Transactions, CancellationToken.None);
        Host = new SessionHost
        {
            Engine = new SqlEngine(SystemCatalog.Instance, new DdlServices { MakePasswordVerifier = s_hasher.MakeVerifier }),
            Transactions = Transactions,
            Catalog = catalog,
            Gate = new Gate(),
            Audit = _trail is { } trail ? trail : new NoAudit(),
            Clock = _clock,
            SpillArea = SpillArea,
            Memory = Memory,
        };
    }

    public (Session Session, CollectingSink Sink) Connect(string user, string database = "defaultdb")
    {
        var catalog = Host.Catalog.Current;
        Assert.True(catalog.TryGetRole(user, out var role));
        Assert.True(catalog.TryGetDatabase(database, out var found));
        var sink = new CollectingSink();
        return (Session.Open(Host, new SessionIdentity { Role = role, Database = found }, sink), sink);
    }

    /// <summary>Every record so far, oldest first.</summary>
    public List<JsonElement> AuditRecords()
    {
        using var file = new FileStream(Path.Combine(AuditDirectory, AuditLogFile.FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    public ValueTask DisposeAsync()
    {
        _trail?.Dispose();
        Transactions.Dispose();
        Store.Dispose();
        _fixture.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class NoAudit : IAuditTrail
    {
        public bool Concerns(AccessSet accesses, ICatalogSnapshot catalog, ICatalogSnapshot published) => false;

        public void Record(AuditedStatement statement, ICatalogSnapshot catalog, ICatalogSnapshot published)
        {
        }
    }
}

/// <summary>Keeps what a session says, as text.</summary>
internal sealed class CollectingSink : IResultSink
{
    private ImmutableArray<ResultColumn> _columns = [];
    private FormatSettings _settings = FormatSettings.Default;

    public List<string[]> Rows { get; } = [];

    public List<string> Tags { get; } = [];

    public SqlException? LastError { get; private set; }

    /// <summary>Whether rows are to leave as soon as they may.</summary>
    public bool WantsFlush { get; set; }

    /// <summary>Called when rows leave.</summary>
    public Action OnFlush { get; set; } = () => { };

    /// <summary>What COPY FROM STDIN reads and COPY TO STDOUT has written.</summary>
    public ScriptedCopy Copy { get; } = new();

    public ICopySource? CopySource => Copy;

    public ICopySink? CopySink => Copy;

    public void Clear()
    {
        Rows.Clear();
        Tags.Clear();
        LastError = null;
        Copy.Clear();
    }

    public void BeginRows(ImmutableArray<ResultColumn> columns, ResultFormats formats, bool describe, FormatSettings settings)
    {
        _columns = columns;
        _settings = settings;
    }

    public void Row(ReadOnlySpan<Datum> row)
    {
        var text = new string[row.Length];
        for (var i = 0; i < text.Length; i++)
            text[i] = row[i].IsNull ? "NULL" : _columns[i].Type.Format(row[i], _settings);
        Rows.Add(text);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        OnFlush();
        return ValueTask.CompletedTask;
    }

    public void CommandComplete(string tag) => Tags.Add(tag);

    public void PortalSuspended()
    {
    }

    public void EmptyQuery()
    {
    }

    public void Error(SqlException error) => LastError = error;

    public void Notice(SqlNotice notice)
    {
    }

    public void ParameterStatus(string name, string value)
    {
    }

    public void Notification(int processId, string channel, string payload)
    {
    }

    public long Mark() => Rows.Count;

    public bool CanCut(long mark) => mark <= Rows.Count;

    public byte[] Cut(long start, long end)
    {
        Rows.RemoveRange((int)start, (int)(Math.Min(end, Rows.Count) - start));
        return [];
    }

    public void Append(byte[] output)
    {
    }
}
