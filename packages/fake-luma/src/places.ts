/** Where generated events take place. Venues are invented; cities, zones and coordinates are real. */
export interface Place {
  city: string;
  region: string | null;
  country: string;
  countryCode: string;
  timezone: string;
  latitude: number;
  longitude: number;
  venues: readonly { name: string; street: string }[];
}

function place(
  [city, region, country, countryCode]: [string, string | null, string, string],
  timezone: string,
  [latitude, longitude]: [number, number],
  ...venues: [name: string, street: string][]
): Place {
  return {
    city,
    region,
    country,
    countryCode,
    timezone,
    latitude,
    longitude,
    venues: venues.map(([name, street]) => ({ name, street })),
  };
}

/** Zones with half and three-quarter hours, both hemispheres, and both sides of the date line are among them. */
export const PLACES: readonly Place[] = [
  place(
    ['San Francisco', 'California', 'United States', 'US'],
    'America/Los_Angeles',
    [37.7749, -122.4194],
    ['The Foghorn Loft', '418 Pilot Street'],
    ['Mission Reading Room', '2210 Alder Lane'],
  ),
  place(
    ['New York', 'New York', 'United States', 'US'],
    'America/New_York',
    [40.7128, -74.006],
    ['Ninth Floor Commons', '77 Cooper Row'],
    ['Gowanus Boat House', '5 Lockkeeper Street'],
  ),
  place(
    ["St. John's", 'Newfoundland and Labrador', 'Canada', 'CA'],
    'America/St_Johns',
    [47.5615, -52.7126],
    ['Signal Hall', '12 Quay Road'],
  ),
  place(
    ['São Paulo', 'São Paulo', 'Brazil', 'BR'],
    'America/Sao_Paulo',
    [-23.5505, -46.6333],
    ['Casa Jatobá', 'Rua das Figueiras 340'],
  ),
  place(
    ['Berlin', null, 'Germany', 'DE'],
    'Europe/Berlin',
    [52.52, 13.405],
    ['Werkhalle Süd', 'Ziegelstraße 81'],
    ['Kontor am Kanal', 'Uferweg 4'],
  ),
  place(
    ['London', 'England', 'United Kingdom', 'GB'],
    'Europe/London',
    [51.5074, -0.1278],
    ['The Old Sorting Office', '19 Lantern Yard'],
  ),
  place(
    ['Nairobi', null, 'Kenya', 'KE'],
    'Africa/Nairobi',
    [-1.2921, 36.8219],
    ['Jacaranda Hub', '6 Riverside Walk'],
  ),
  place(
    ['Cairo', null, 'Egypt', 'EG'],
    'Africa/Cairo',
    [30.0444, 31.2357],
    ['بيت النيل', '١٤ شارع الكورنيش'],
  ),
  place(
    ['Tel Aviv', null, 'Israel', 'IL'],
    'Asia/Jerusalem',
    [32.0853, 34.7818],
    ['בית המלאכה', 'רחוב התמר 8'],
  ),
  place(
    ['Bengaluru', 'Karnataka', 'India', 'IN'],
    'Asia/Kolkata',
    [12.9716, 77.5946],
    ['Banyan Works', '31 Lake View Cross'],
  ),
  place(
    ['Kathmandu', 'Bagmati', 'Nepal', 'NP'],
    'Asia/Kathmandu',
    [27.7172, 85.324],
    ['Prayer Flag Studio', 'Lane 7, Patan Gate'],
  ),
  place(
    ['Singapore', null, 'Singapore', 'SG'],
    'Asia/Singapore',
    [1.3521, 103.8198],
    ['Level Twelve', '9 Tembusu Close #12-01'],
  ),
  place(['Tokyo', 'Tokyo', 'Japan', 'JP'], 'Asia/Tokyo', [35.6762, 139.6503], ['柳町スタジオ', '柳町2-14-3']),
  place(
    ['Adelaide', 'South Australia', 'Australia', 'AU'],
    'Australia/Adelaide',
    [-34.9285, 138.6007],
    ['The Stables', '150 Gum Tree Terrace'],
  ),
  place(
    ['Auckland', null, 'New Zealand', 'NZ'],
    'Pacific/Auckland',
    [-36.8509, 174.7645],
    ['Harbour Shed 3', '3 Ferry Steps'],
  ),
  place(
    ['Honolulu', 'Hawaii', 'United States', 'US'],
    'Pacific/Honolulu',
    [21.3069, -157.8583],
    ['Plumeria House', '940 Reef Avenue'],
  ),
];
