using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>How values of composite types are made and looked at. No name in SQL reaches these functions: only the binder calls them.</summary>
internal static class CompositeValues
{
    /// <summary>Of the arguments, one per attribute of the call's type.</summary>
    public static ScalarFunction Make { get; } = New("composite_make", static call =>
    {
        var type = (CompositeType)call.ReturnType;
        return (arguments, _) => type.Make(arguments.ToArray());
    });

    /// <summary>The first argument with the field of a number (the third) replaced by the second; NULL counts as a row of NULLs.</summary>
    public static ScalarFunction Set { get; } = New("composite_set", static call =>
    {
        var type = (CompositeType)call.ReturnType;
        return (arguments, _) =>
        {
            var fields = arguments[0].IsNull ? new Datum[type.Attributes.Length] : [.. arguments[0].As<SqlRecord>().Fields];
            fields[arguments[2].AsInt32()] = arguments[1];
            return type.Make(fields);
        };
    });

    /// <summary>The first argument; the others are only evaluated, for what they refuse.</summary>
    public static ScalarFunction Checked { get; } = New("composite_checked", static _ => static (arguments, _) => arguments[0]);

    private static ScalarFunction New(string name, Func<ResolvedCall, ScalarBody> factory) =>
        new() { Name = name, Oid = 0, ArgumentTypes = [], ReturnType = SqlTypes.Void, IsStrict = false, BodyFactory = factory };
}
