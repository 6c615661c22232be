using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>Does a request have what a permission or a principal asks for?</summary>
internal delegate bool RbacTest(StreamContext stream, RequestHeaders headers);
