using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>
/// A primary key value of the row that a cursor stands on, for WHERE CURRENT OF. No name in SQL reaches it. Arguments: cursor, table id, number of the key part.
/// </summary>
internal static class CursorPosition
{
    public static ScalarFunction KeyPart { get; } = new()
    {
        Name = "current_of", Oid = 0, ArgumentTypes = [], ReturnType = SqlTypes.Void, IsStrict = true, Volatility = Volatility.Stable,
        BodyFactory = static _ => static (arguments, context) =>
            (context.Session ?? throw new InvariantException("WHERE CURRENT OF runs in a session")).CursorRow(arguments[0].AsString(), arguments[1].AsOid())[arguments[2].AsInt32()],
    };
}
